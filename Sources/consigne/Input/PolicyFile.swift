import SyncCore

/// A policy in a file: JSON, or YAML by its ending.
///
/// `policies get` writes `base` beside `settings`: the log position that its reader has seen. Put again, the file tells
/// what he changed and what he had not seen.
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

    /// The edit that puts it; without a base of its own it is meant for the policy as it is now.
    func put(_ policy: PolicyReference, over connection: Connection) async throws -> Edit {
        let now = try await connection.revision(of: policy)
        guard let base else { return .putPolicy(policy, body, base: now.seq) }
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
