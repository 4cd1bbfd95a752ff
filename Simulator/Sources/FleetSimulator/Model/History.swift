import SyncCore

/// What the operators of a tug of war did, as they saw it, and the log that the server kept of it.
struct History: Sendable {
    /// One put, from the moment it was sent to the moment its answer came.
    struct Operation: Sendable {
        let author: String
        let intent: String
        let policy: PolicyReference
        let base: Seq
        let mode: ConflictMode
        let invoked: UInt64
        let completed: UInt64
        let outcome: Outcome
    }

    enum Outcome: Sendable {
        /// Done, with its last position in the log; nil where nothing was left to do.
        case accepted(last: Seq?)
        /// Not done; each conflict with the write that stood against it.
        case refused([Clash])
        /// No answer: it was done once or not at all.
        case unknown
    }

    struct Clash: Hashable, Sendable {
        let key: String
        let seq: Seq
    }

    /// One entry of the log on a setting of a policy.
    struct Write: Sendable {
        let seq: Seq
        /// Its transaction's first position: writes of one change set have seen each other.
        let first: Seq
        let author: String
        let intent: String
        let policy: String
        let key: String
        let value: JSONValue?
        let base: Seq
        let outcome: String

        var counts: Bool { outcome != "sibling" }
    }

    var operations: [Operation] = []
    var writes: [Write] = []
}

extension History.Write {
    /// The writes to settings in a page of the operators' log.
    static func all(in page: JSONValue) -> [History.Write] {
        (page["transactions"]?.array ?? []).flatMap { transaction -> [History.Write] in
            (transaction["entries"]?.array ?? []).compactMap { entry in
                guard let subject = entry["subject"]?.string, subject.hasPrefix("policy/"),
                    let key = entry["key"]?.string, key != "@created", let seq = entry["seq"]?.integer
                else { return nil }
                return History.Write(
                    seq: Seq(seq), first: Seq(transaction["first"]?.integer ?? 0),
                    author: transaction["author"]?.string ?? "", intent: transaction["intent"]?.string ?? "",
                    policy: String(subject.dropFirst("policy/".count)), key: key, value: entry["value"],
                    base: Seq(entry["base"]?.integer ?? 0), outcome: entry["outcome"]?.string ?? "")
            }
        }
    }
}
