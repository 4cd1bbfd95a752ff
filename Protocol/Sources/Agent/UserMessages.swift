import SyncCore

/// What a device says it holds of its user document.
public struct UserHold: Hashable, Sendable {
    /// The whole document, which the device states once after a `reset`.
    public struct Statement: Hashable, Sendable {
        /// The epoch that `revision` is of.
        public let epoch: UInt64
        /// Number of the last edit that was answered; those after it are sent as edits.
        public let number: UInt64
        public let document: [String: JSONValue]

        public init(epoch: UInt64, number: UInt64, document: [String: JSONValue]) {
            self.epoch = epoch
            self.number = number
            self.document = document
        }
    }

    /// The revision it holds; nil asks for the document in any case.
    public let revision: Seq?
    public let statement: Statement?

    public init(revision: Seq?, statement: Statement? = nil) {
        self.revision = revision
        self.statement = statement
    }

    init(_ json: JSONValue?) throws(Malformed) {
        let fields = try Fields(json, at: "user", known: ["revision", "epoch", "n", "document"])
        revision = try fields.position("revision")
        guard fields["document"] != nil else {
            statement = nil
            return
        }
        statement = Statement(
            epoch: UInt64(try fields.integer("epoch", 0...Limits.integerMagnitude)),
            number: UInt64(try fields.integer("n", 0...Limits.integerMagnitude)),
            document: try fields.require("document", "an object of settings") { $0.object })
    }

    public var json: JSONValue {
        var members: [String: JSONValue] = [:]
        members["revision"] = revision.map { .integer(Int64($0)) }
        if let statement {
            members["epoch"] = .integer(Int64(statement.epoch))
            members["n"] = .integer(Int64(statement.number))
            members["document"] = .object(statement.document)
        }
        return .object(members)
    }
}

extension DeviceEdit {
    /// The edits of a request, none when absent.
    static func list(_ fields: Fields) throws(Malformed) -> [DeviceEdit] {
        let list = try fields.optional("edits", "an array of at most \(Limits.answeredUserEdits) edits") { json in
            json.array.flatMap { $0.count <= Limits.answeredUserEdits ? $0 : nil }
        }
        var edits: [DeviceEdit] = []
        for (index, json) in (list ?? []).enumerated() {
            let path = "edits[\(index)]"
            let fields = try Fields(json, at: path, known: ["n", "key", "op", "value", "seen", "at"])
            edits.append(
                DeviceEdit(
                    number: UInt64(try fields.integer("n", 1...Limits.integerMagnitude)),
                    edit: try UserEdit(fields), seen: try fields.position("seen") ?? 0,
                    claimed: fields["at"] == nil
                        ? nil : try fields.integer("at", -Limits.integerMagnitude...Limits.integerMagnitude)))
        }
        return edits
    }

    public var json: JSONValue {
        var members = edit.members
        members["n"] = .integer(Int64(number))
        members["seen"] = .integer(Int64(seen))
        members["at"] = claimed.map(JSONValue.integer)
        return .object(members)
    }
}

extension UserEdit {
    /// An edit that stands alone, as an operator sends it.
    init(_ json: JSONValue?, at path: String) throws(Malformed) {
        try self.init(try Fields(json, at: path, known: ["key", "op", "value"]))
    }

    fileprivate init(_ fields: Fields) throws(Malformed) {
        let operations = Operation.allCases.map(\.rawValue).joined(separator: ", ")
        self.init(
            try fields.string("key", bytes: 1...Limits.nameBytes),
            try fields.require("op", "one of \(operations)") { $0.string.flatMap(Operation.init) }, fields["value"])
    }
}

/// A user document as a device is told it.
public struct UserState: Hashable, Sendable {
    public let revision: Seq
    /// Number of the device's last edit that is answered.
    public let number: UInt64
    public let values: [String: JSONValue]

    init(_ json: JSONValue?) throws(Malformed) {
        let fields = try Fields(json, at: "user", known: nil)
        revision = Seq(try fields.integer("revision", 0...Limits.integerMagnitude))
        number = UInt64(try fields.integer("n", 0...Limits.integerMagnitude))
        values = try fields.require("document", "an object") { $0.object }
    }
}

extension UserAnswer {
    /// Reads what became of one edit, on the device.
    init(_ json: JSONValue, at path: String) throws(Malformed) {
        let fields = try Fields(json, at: path, known: nil)
        let number = UInt64(try fields.integer("n", 1...Limits.integerMagnitude))
        let outcome: Outcome
        switch try fields.string("result") {
        case "applied": outcome = .applied
        case "pending": outcome = .pending
        case "settled": outcome = .settled
        case "rejected":
            // A reason of a later server is a rejection all the same.
            let reason = UserRejection.Reason(rawValue: try fields.string("reason")) ?? .wrongValue
            outcome = .rejected(UserRejection(reason, expected: fields["expected"]?.string ?? ""))
        case let other:
            throw Malformed(
                field: "\(path).result", text: other, expected: "applied, rejected, pending or settled")
        }
        self.init(number: number, key: fields["key"]?.string ?? "", outcome: outcome, inForce: fields["inForce"])
    }

    public var json: JSONValue {
        var members: [String: JSONValue] = ["n": .integer(Int64(number)), "key": .string(key)]
        switch outcome {
        case .applied: members["result"] = .string("applied")
        case .pending: members["result"] = .string("pending")
        case .settled: members["result"] = .string("settled")
        case .rejected(let rejection):
            members["result"] = .string("rejected")
            members["reason"] = .string(rejection.reason.rawValue)
            members["expected"] = .string(rejection.expected)
        }
        members["inForce"] = inForce
        return .object(members)
    }
}

extension UserDocument {
    /// What the device is told.
    public func state(_ catalog: Catalog) -> JSONValue {
        var members: [String: JSONValue] = [
            "revision": .integer(Int64(revision)), "n": .integer(Int64(number)), "document": .object(values(catalog)),
        ]
        let siblings = visibleSiblings(catalog)
        if !siblings.isEmpty { members["siblings"] = .array(siblings.map(\.json)) }
        return .object(members)
    }
}
