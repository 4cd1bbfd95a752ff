import SyncCore

/// What a device sends when it has something to say: `POST /v1/sync`.
public struct SyncRequest: Hashable, Sendable {
    /// Everything a device says of itself; it replaces the last report iff its number is greater.
    public struct Report: Hashable, Sendable {
        public let number: UInt64
        public let facts: Facts?
        /// A document it could not apply, and why.
        public let failed: Failed?
        /// Settings it could not honour, by AMAPI's reasons.
        public let nonCompliance: [NonCompliance]

        public init(number: UInt64, facts: Facts? = nil, failed: Failed? = nil, nonCompliance: [NonCompliance] = []) {
            self.number = number
            self.facts = facts
            self.failed = failed
            self.nonCompliance = nonCompliance
        }
    }

    public struct Failed: Hashable, Sendable {
        public let digest: Digest
        public let reason: String

        public init(digest: Digest, reason: String) {
            self.digest = digest
            self.reason = reason
        }
    }

    public struct NonCompliance: Hashable, Sendable {
        public let setting: String
        public let reason: String

        public init(setting: String, reason: String) {
            self.setting = setting
            self.reason = reason
        }
    }

    public let have: Have
    public let report: Report?
    /// What it holds of its user document; nil for a device that keeps none.
    public let user: UserHold?
    /// What its user did since the last answer, in order.
    public let edits: [DeviceEdit]

    public init(have: Have, report: Report?, user: UserHold? = nil, edits: [DeviceEdit] = []) {
        self.have = have
        self.report = report
        self.user = user
        self.edits = edits
    }

    private static let members = ["have", "report", "user", "edits", "results"]

    /// Reads a request's body. `results` has its place and must be empty: this version takes none, and says so rather
    /// than lose one.
    public init(_ json: JSONValue) throws(Malformed) {
        let fields = try Fields(json, at: "", known: Self.members)
        have = try fields.require("have", "epoch.version.digest") { $0.string.flatMap { Have($0) } }
        if let list = fields["results"], list != .array([]) {
            throw Malformed(field: "results", value: list, expected: "an empty array: this server takes none yet")
        }
        report = fields["report"] == nil ? nil : try Report(fields["report"])
        user = fields["user"] == nil ? nil : try UserHold(fields["user"])
        edits = try DeviceEdit.list(fields)
        guard user != nil || edits.isEmpty else {
            throw Malformed(field: "user", value: nil, expected: "an object, beside edits")
        }
    }

    public var json: JSONValue {
        var members: [String: JSONValue] = ["have": .string(have.description)]
        members["report"] = report?.json
        members["user"] = user?.json
        if !edits.isEmpty { members["edits"] = .array(edits.map(\.json)) }
        return .object(members)
    }
}

extension SyncRequest.Report {
    /// Entries of one list of settings a device could not honour: the catalog has 167.
    private static let nonComplianceLimit = 256
    private static let members = ["n", "facts", "failed", "nonCompliance"]

    init(_ json: JSONValue?) throws(Malformed) {
        let fields = try Fields(json, at: "report", known: Self.members)
        number = UInt64(try fields.integer("n", 1...Limits.integerMagnitude))
        do {
            facts = try fields["facts"].map { json throws(Facts.Malformed) in try Facts(stated: json) }
        } catch {
            throw Malformed(field: "report.\(error.name)", value: fields["facts"], expected: error.expected)
        }
        failed = try fields["failed"].map { json throws(Malformed) in
            let fields = try Fields(json, at: "report.failed", known: ["digest", "reason"])
            return SyncRequest.Failed(digest: try fields.digest("digest"), reason: try fields.line("reason"))
        }
        let list = try fields.optional("nonCompliance", "an array of at most \(Self.nonComplianceLimit)") { json in
            json.array.flatMap { $0.count <= Self.nonComplianceLimit ? $0 : nil }
        }
        var entries: [SyncRequest.NonCompliance] = []
        for (index, json) in (list ?? []).enumerated() {
            let entry = try Fields(json, at: "report.nonCompliance[\(index)]", known: ["setting", "reason"])
            entries.append(
                SyncRequest.NonCompliance(setting: try entry.line("setting"), reason: try entry.line("reason")))
        }
        nonCompliance = entries
    }

    public var json: JSONValue {
        var members: [String: JSONValue] = ["n": .integer(Int64(number))]
        members["facts"] = facts?.json
        members["failed"] = failed.map {
            .object(["digest": .string($0.digest.description), "reason": .string($0.reason)])
        }
        if !nonCompliance.isEmpty {
            members["nonCompliance"] = .array(
                nonCompliance.map { .object(["setting": .string($0.setting), "reason": .string($0.reason)]) })
        }
        return .object(members)
    }
}

/// What a new terminal sends: `POST /v1/enrol`.
public struct EnrolRequest: Hashable, Sendable {
    public let token: String
    /// SHA-256 of the credential, which the device made and never sends before it is enrolled.
    public let credentialHash: Digest
    public let serial: String?
    public let facts: Facts

    public init(token: String, credentialHash: Digest, serial: String?, facts: Facts) {
        self.token = token
        self.credentialHash = credentialHash
        self.serial = serial
        self.facts = facts
    }

    public init(_ json: JSONValue) throws(Malformed) {
        let fields = try Fields(json, at: "", known: ["token", "credential", "serial", "facts"])
        guard let token = fields["token"]?.string, WireLimits.secretBytes.contains(token.utf8.count) else {
            // The token is a secret: what stands there is not repeated.
            throw Malformed(field: "token", text: "(withheld)", expected: "a token of 32 to 128 bytes")
        }
        self.token = token
        credentialHash = try fields.digest("credential")
        serial = try fields.optional("serial", SerialNumber.expected) { json in
            json.string.flatMap { SerialNumber.isValid($0) ? $0 : nil }
        }
        do {
            facts = try fields["facts"].map { json throws(Facts.Malformed) in try Facts(stated: json) } ?? .none
        } catch {
            throw Malformed(field: error.name, value: fields["facts"], expected: error.expected)
        }
    }

    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "token": .string(token), "credential": .string(credentialHash.description), "facts": facts.json,
        ]
        members["serial"] = serial.map(JSONValue.string)
        return .object(members)
    }
}
