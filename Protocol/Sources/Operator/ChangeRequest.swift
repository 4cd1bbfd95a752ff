import SyncCore

/// What an operator sends to have something done, or to see what it would do.
public struct ChangeRequest: Hashable, Sendable {
    /// The plan he was shown: the change is made only if it is still what would happen.
    public struct PlanReference: Hashable, Sendable {
        public let seq: Seq
        public let hash: Digest

        public init(seq: Seq, hash: Digest) {
            self.seq = seq
            self.hash = hash
        }
    }

    public let intent: String
    public let reason: String?
    public let mode: ConflictMode
    /// The log position that the author had seen, for edits that name none of their own.
    public let base: Seq?
    /// The incarnation of the log that the author's positions are of.
    public let epoch: UInt64?
    public let edits: [Edit]
    public let plan: PlanReference?

    public init(
        intent: String, reason: String? = nil, mode: ConflictMode = .strict, base: Seq? = nil, epoch: UInt64? = nil,
        edits: [Edit], plan: PlanReference? = nil
    ) {
        self.intent = intent
        self.reason = reason
        self.mode = mode
        self.base = base
        self.epoch = epoch
        self.edits = edits
        self.plan = plan
    }

    /// Reads a request's body.
    public init(_ json: JSONValue) throws(Malformed) {
        let fields = try Fields(json, at: "", known: ["intent", "reason", "mode", "base", "epoch", "edits", "plan"])
        intent = try fields.line("intent", bytes: 1...WireLimits.intentBytes)
        reason = fields["reason"] == nil ? nil : try fields.line("reason", bytes: 1...WireLimits.reasonBytes)
        mode = try fields.optional("mode", ConflictMode.words) { $0.string.flatMap(ConflictMode.init) } ?? .strict
        base = try fields.position("base")
        epoch = try fields.position("epoch")
        let list = try fields.require("edits", "an array of 1 to \(WireLimits.edits) edits") { json in
            json.array.flatMap { (1...WireLimits.edits).contains($0.count) ? $0 : nil }
        }
        var edits: [Edit] = []
        for (index, edit) in list.enumerated() { edits.append(try Edit(edit, at: "edits[\(index)]")) }
        self.edits = edits
        guard let json = fields["plan"] else {
            plan = nil
            return
        }
        let reference = try Fields(json, at: "plan", known: ["seq", "hash"])
        plan = PlanReference(
            seq: Seq(try reference.integer("seq", 0...Limits.integerMagnitude)), hash: try reference.digest("hash"))
    }

    public var json: JSONValue {
        var members: [String: JSONValue] = ["intent": .string(intent), "edits": .array(edits.map(\.json))]
        members["reason"] = reason.map(JSONValue.string)
        if mode != .strict { members["mode"] = .string(mode.rawValue) }
        members["base"] = base.map { .integer(Int64($0)) }
        members["epoch"] = epoch.map { .integer(Int64($0)) }
        members["plan"] = plan.map {
            .object(["seq": .integer(Int64($0.seq)), "hash": .string($0.hash.description)])
        }
        return .object(members)
    }
}

extension ConflictMode {
    fileprivate static let words = "one of " + allCases.map(\.rawValue).joined(separator: ", ")
}
