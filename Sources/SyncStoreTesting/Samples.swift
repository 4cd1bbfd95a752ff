import SyncCore
import SyncStore

/// Transactions and reports with something in every field.
enum Samples {
    static func subject(of index: Int) -> String { "policy/p\(index)" }

    static func transaction(firstSeq: Seq, entries: Int, intent: String? = nil, received: Int64? = nil) -> Transaction {
        let header = Transaction.Header(
            author: "author", intent: intent ?? "intent-\(firstSeq)", reason: firstSeq % 2 == 0 ? nil : "because \"é\"",
            reasonSalt: firstSeq % 2 == 0 ? nil : [1, 2, 3], received: received ?? 1_764_000_000_000 + Int64(firstSeq),
            request: Digest(hashing: Array("request \(firstSeq)".utf8)))
        let list = (0..<entries).map { index -> Entry in
            let seq = firstSeq + Seq(index)
            return Entry(
                seq: seq, subject: subject(of: index + 1), key: "cameraAccess",
                operation: index % 3 == 2 ? .remove : .set,
                value: index % 3 == 2 ? nil : .object(["value": .string("é\n"), "list": .array([.integer(-1)])]),
                base: seq > 2 ? seq - 2 : 0, outcome: .applied, salt: index % 2 == 0 ? nil : [9, 8, 7],
                leaf: Digest(hashing: Array("leaf \(seq)".utf8)))
        }
        return Transaction(firstSeq: firstSeq, header: header, entries: list)
    }

    static func report(device: UInt64, number: UInt64, enrolment: Seq = 5) -> StoredReport {
        StoredReport(
            device: DeviceID(seq: device), enrolment: enrolment, number: number,
            held: number % 2 == 0 ? nil : Digest(hashing: [1]), failed: number % 2 == 0 ? Digest(hashing: [2]) : nil,
            received: 1_764_000_000_000, body: Array("{\"n\":\(number)}".utf8))
    }
}
