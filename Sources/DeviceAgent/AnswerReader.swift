import SyncCore
import SyncProtocol

/// Reads answers, each text once: a host that plays many handsets gets many that are equal byte for byte.
///
/// What it gives follows from the bytes alone, so a handset that reads for itself comes to the same. Answers that say
/// something of one device's user are not kept.
public struct AnswerReader {
    /// A policy in canonical form.
    struct Policy {
        let bytes: [UInt8]
        let digest: Digest
    }

    /// What a text says, and the policies that it made of those it was applied to.
    final class Reading {
        let answer: SyncAnswer
        private var made: [Digest?: Policy] = [:]

        init(_ answer: SyncAnswer) { self.answer = answer }

        /// - Parameter held: the digest of the policy that the answer is applied to; nil where it brings a whole one.
        func policy(from held: Digest?, make: () -> JSONValue?) -> Policy? {
            if let known = made[held] { return known }
            guard let document = make() else { return nil }
            let bytes = CanonicalWriter.bytes(of: document)
            let policy = Policy(bytes: bytes, digest: Digest(hashing: bytes))
            made[held] = policy
            return policy
        }
    }

    /// A text as a key: texts that differ do so in length or at their end, where the version stands, so that hashing all
    /// of it would be wasted. Equal are only those that are equal throughout.
    private struct Text: Hashable {
        let bytes: [UInt8]

        func hash(into hasher: inout Hasher) {
            hasher.combine(bytes.count)
            for byte in bytes.suffix(48) { hasher.combine(byte) }
        }
    }

    /// Texts kept: a push makes some hundred, one or two a class.
    private let limit: Int
    private var readings: [Text: Reading] = [:]

    public init(limit: Int = 1_024) { self.limit = limit }

    mutating func read(_ body: [UInt8]) throws -> Reading {
        let text = Text(bytes: body)
        if let known = readings[text] { return known }
        let reading = Reading(try SyncAnswer(try JSONReader.read(body)))
        guard reading.answer.user == nil, reading.answer.edits.isEmpty else { return reading }
        if readings.count >= limit { readings.removeAll(keepingCapacity: true) }
        readings[text] = reading
        return reading
    }
}
