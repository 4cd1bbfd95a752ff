/// The hash of one entry, as RFC 6962 (section 2.1) hashes a leaf: SHA-256(0x00 || canonical JSON of the entry).
///
/// Personal values and reasons enter only as SHA-256(salt || canonical JSON): a value and its salt can be forgotten and
/// every proof still holds. `Protocol/Vectors/leaf.json` fixes the bytes.
public enum Leaf {
    public static func hash(
        epoch: UInt64, firstSeq: Seq, header: Transaction.Header, seq: Seq, change: Change.Line, base: Seq,
        outcome: Entry.Outcome, salt: [UInt8]?
    ) -> Digest {
        let bytes = bytes(
            epoch: epoch, firstSeq: firstSeq, header: header, seq: seq, change: change, base: base, outcome: outcome,
            salt: salt)
        return Digest(hashing: [0x00] + bytes)
    }

    static func bytes(
        epoch: UInt64, firstSeq: Seq, header: Transaction.Header, seq: Seq, change: Change.Line, base: Seq,
        outcome: Entry.Outcome, salt: [UInt8]?
    ) -> [UInt8] {
        var members: [String: JSONValue] = [
            "epoch": .integer(Int64(epoch)),
            "seq": .integer(Int64(seq)),
            "first": .integer(Int64(firstSeq)),
            "author": .string(header.author),
            "intent": .string(header.intent),
            "received": .integer(header.received),
            "subject": .string(change.subject),
            "key": .string(change.key),
            "op": .string(change.operation.rawValue),
            "base": .integer(Int64(base)),
            "outcome": .string(outcome.rawValue),
        ]
        members["reason"] = header.reason.map { salted(.string($0), header.reasonSalt ?? []) }
        members["value"] = change.value.map { value in salt.map { salted(value, $0) } ?? value }
        return CanonicalWriter.bytes(of: .object(members))
    }

    private static func salted(_ value: JSONValue, _ salt: [UInt8]) -> JSONValue {
        .object(["salted": .string(Digest(hashing: salt + CanonicalWriter.bytes(of: value)).description)])
    }
}
