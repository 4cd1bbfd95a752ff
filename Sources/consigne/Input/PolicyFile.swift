import SyncCore

/// A policy in a file: JSON, or YAML by its ending.
///
/// `policies get` writes `base` beside `settings`: the log position that its reader has seen. Put again, the file tells
/// what its author changed and what they had not seen.
struct PolicyFile {
    let body: JSONValue
    /// `EPOCH.REVISION` of the policy as it was read.
    let base: Bookmark?
    private let path: String

    init(_ path: String) throws {
        self.path = path
        let json = try Self.read(path)
        guard var members = json.object, members["settings"] != nil, let stated = members.removeValue(forKey: "base")
        else {
            (body, base) = (json, nil)
            return
        }
        guard let seen = stated.string.flatMap({ Bookmark(argument: $0) }), seen.epoch != nil else {
            throw Failure(
                .dataRefused,
                "\(path): base: found \(CanonicalWriter.text(of: stated)), expected EPOCH.REVISION, as `policies get` gives"
            )
        }
        (body, base) = (.object(members), seen)
    }

    /// The edit that puts it.
    ///
    /// A file without a base of its own, as a repository has it, says what its author wants and not what they saw. So it
    /// is applied: what they stated before and leave out now goes, what others wrote stays, and where others changed the
    /// same setting the server refuses and shows both.
    func put(_ policy: PolicyReference, over connection: Connection) async throws -> Edit {
        guard let base else { return .applyPolicy(policy, body) }
        let now = try await connection.revision(of: policy)
        if let epoch = now.epoch, epoch != base.epoch {
            throw Failure(
                .dataRefused,
                "\(path): base: the log was restored from a backup since this was read; read \(policy) again")
        }
        return .putPolicy(policy, body, base: base.seq)
    }

    private static func read(_ path: String) throws -> JSONValue {
        guard path.hasSuffix(".yaml") || path.hasSuffix(".yml") else { return try Files.json(path) }
        return try YAMLFile.value(of: try TextFile(path))
    }
}
