import Foundation
import SyncCore

/// The servers an operator works with, by name; kept in a file of his own.
///
/// It holds the paths of files with tokens and authorities, never a token.
struct Contexts {
    struct Context {
        let server: String
        let tokenFile: String
        /// The authorities that vouch for the server; nil for the system's.
        var ca: String?

        var json: JSONValue {
            var json: [String: JSONValue] = ["server": .string(server), "tokenFile": .string(tokenFile)]
            json["ca"] = ca.map(JSONValue.string)
            return .object(json)
        }
    }

    private(set) var all: [String: Context] = [:]
    private(set) var current: String?

    /// `CONSIGNE_CONTEXTS`, or the place XDG gives configuration.
    static var path: String {
        let environment = ProcessInfo.processInfo.environment
        if let stated = environment["CONSIGNE_CONTEXTS"] { return stated }
        let home = environment["XDG_CONFIG_HOME"] ?? NSHomeDirectory() + "/.config"
        return home + "/consigne/contexts.json"
    }

    static func read() throws -> Contexts {
        guard FileManager.default.fileExists(atPath: path) else { return Contexts() }
        let json = try Files.json(path)
        var contexts = Contexts()
        contexts.current = json["current"]?.string
        for (name, entry) in json["contexts"]?.object ?? [:] {
            guard let server = entry["server"]?.string, let tokenFile = entry["tokenFile"]?.string else {
                throw Failure(.dataRefused, "\(path): contexts.\(name): expected a server and a tokenFile")
            }
            contexts.all[name] = Context(server: server, tokenFile: tokenFile, ca: entry["ca"]?.string)
        }
        return contexts
    }

    mutating func set(_ name: String, _ context: Context) throws {
        all[name] = context
        current = name
        try write()
    }

    mutating func use(_ name: String) throws {
        guard all[name] != nil else {
            throw Failure(
                .dataRefused,
                "there is no context \(name), expected one of \(all.keys.sorted().joined(separator: ", "))")
        }
        current = name
        try write()
    }

    var json: JSONValue {
        var json: [String: JSONValue] = [
            "contexts": .object(all.mapValues(\.json))
        ]
        json["current"] = current.map(JSONValue.string)
        return .object(json)
    }

    private func write() throws {
        let url = URL(fileURLWithPath: Self.path)
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data((PrettyJSON.text(of: json) + "\n").utf8).write(to: url, options: .atomic)
        } catch {
            throw Failure(.outputUnwritable, "\(Self.path): cannot be written: \(error.localizedDescription)")
        }
    }
}
