import SyncCore

/// Reads the members of one JSON object, and says precisely what is wrong with one.
public struct Fields {
    private let members: [String: JSONValue]
    private let path: String

    /// - Parameter known: the few names the object may have; another one is an error, so that a typing error is not
    ///   taken for a default. Nil passes over what it does not know: what a later server says to an agent of today.
    public init(_ json: JSONValue?, at path: String, known: [String]?) throws(Malformed) {
        guard let members = json?.object else {
            throw Malformed(field: path.isEmpty ? "body" : path, value: json, expected: "an object")
        }
        if let known, let stranger = members.keys.filter({ !known.contains($0) }).min() {
            throw Malformed(
                field: Self.join(path, stranger), value: members[stranger],
                expected: "one of \(known.sorted().joined(separator: ", "))")
        }
        self.members = members
        self.path = path
    }

    public subscript(name: String) -> JSONValue? { members[name] }

    public func path(of name: String) -> String { Self.join(path, name) }

    private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// A member converted to what it must be.
    ///
    /// - Parameter expected: what is told when it is not; worked out only then.
    public func require<T>(
        _ name: String, _ expected: @autoclosure () -> String, _ convert: (JSONValue) -> T?
    ) throws(Malformed) -> T {
        guard let value = members[name].flatMap(convert) else {
            throw Malformed(field: path(of: name), value: members[name], expected: expected())
        }
        return value
    }

    /// The same, nil when the member is absent.
    public func optional<T>(
        _ name: String, _ expected: @autoclosure () -> String, _ convert: (JSONValue) -> T?
    ) throws(Malformed) -> T? {
        guard members[name] != nil else { return nil }
        return try require(name, expected(), convert)
    }

    public func string(_ name: String, bytes: ClosedRange<Int> = 1...256) throws(Malformed) -> String {
        try require(name, "a string of \(bytes.lowerBound) to \(bytes.upperBound) bytes") { json in
            json.string.flatMap { bytes.contains($0.utf8.count) ? $0 : nil }
        }
    }

    /// Text that people read on one line.
    public func line(_ name: String, bytes: ClosedRange<Int> = 1...256) throws(Malformed) -> String {
        let text = try string(name, bytes: bytes)
        if let fault = PlainText.fault(in: text) {
            throw Malformed(
                field: path(of: name), value: members[name], expected: "\(PlainText.expected); it \(fault)")
        }
        return text
    }

    public func integer(_ name: String, _ range: ClosedRange<Int64>) throws(Malformed) -> Int64 {
        try require(name, "an integer from \(range.lowerBound) to \(range.upperBound)") { json in
            json.integer.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A position in the log; nil when absent.
    public func position(_ name: String) throws(Malformed) -> Seq? {
        try optional(name, "a position in the log, an integer from 0") { json in
            json.integer.flatMap { Seq(exactly: $0) }
        }
    }

    public func path(_ name: String) throws(Malformed) -> OrgPath {
        try require(name, OrgPath.expected) { $0.string.flatMap { OrgPath($0) } }
    }

    public func digest(_ name: String) throws(Malformed) -> Digest {
        try require(name, "a SHA-256 value of 64 lower-case hexadecimal digits") { $0.string.flatMap { Digest($0) } }
    }

    public func device(_ name: String) throws(Malformed) -> DeviceID {
        try require(name, "a device such as d12") { $0.string.flatMap { DeviceID($0) } }
    }

    public func policy(_ name: String) throws(Malformed) -> PolicyReference {
        try require(name, PolicyReference.expected) { $0.string.flatMap { PolicyReference($0) } }
    }

    /// An array of tags; empty when absent.
    public func tags(_ name: String) throws(Malformed) -> Set<Tag> {
        let tags = try optional(name, "an array of at most 32 tags, each \(Tag.expected)") { json -> Set<Tag>? in
            guard let list = json.array, list.count <= 32 else { return nil }
            let tags = list.compactMap { $0.string.flatMap { Tag($0) } }
            return tags.count == list.count ? Set(tags) : nil
        }
        return tags ?? []
    }
}
