import SyncCore
import Yams

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
        let text = String(decoding: try Files.bytes(of: path), as: UTF8.self)
        do {
            guard let node = try Yams.compose(yaml: text) else { throw Failure(.dataRefused, "\(path): is empty") }
            return try value(of: node, at: "")
        } catch let error as YamlError {
            throw Failure(.dataRefused, "\(path): \(error)")
        } catch let error as Failure {
            throw Failure(.dataRefused, "\(path): \(error)")
        }
    }

    /// YAML as JSON means it: `true` and `false` are the only booleans, so that `NO` stays a word.
    private static func value(of node: Node, at place: String) throws -> JSONValue {
        switch node {
        case .mapping(let mapping):
            var members: [String: JSONValue] = [:]
            for (key, member) in mapping {
                guard let name = key.scalar?.string else {
                    throw Failure(.dataRefused, "\(place): a key that is not a word")
                }
                members[name] = try value(of: member, at: place.isEmpty ? name : "\(place).\(name)")
            }
            return .object(members)
        case .sequence(let sequence):
            return .array(try sequence.enumerated().map { try value(of: $1, at: "\(place)[\($0)]") })
        case .scalar(let scalar):
            guard scalar.style == .plain else { return .string(scalar.string) }
            return try plain(scalar.string, at: place)
        case .alias: throw Failure(.dataRefused, "\(place): an alias, expected the value itself")
        }
    }

    private static func plain(_ text: String, at place: String) throws -> JSONValue {
        switch text {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "", "~", "null": throw Failure(.dataRefused, "\(place): null; to leave it unset, leave it out")
        default: break
        }
        if let number = Int64(text), String(number) == text {
            guard number.magnitude <= Limits.integerMagnitude.magnitude else {
                throw Failure(
                    .dataRefused, "\(place): found \(text), expected an integer within \(Limits.integerMagnitude)")
            }
            return .integer(number)
        }
        guard Double(text) == nil else {
            throw Failure(.dataRefused, "\(place): found \(text), expected an integer; write a text in quotes")
        }
        return .string(text)
    }
}
