import ArgumentParser
import SyncCore
import SyncProtocol

/// `consigne policies diff A B`.
struct PolicyDiff: Command {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "What two policies, or one at two moments, say differently.",
        discussion:
            "A policy at a moment is POLICY@SEQ or POLICY@TIME. Of lists it says which records come, go or change.")

    @Argument(help: "A policy, or POLICY@SEQ.") var first: PolicyMoment
    @Argument(help: "Another, or the same at another moment.") var second: PolicyMoment
    @OptionGroup var detail: DetailOptions
    @OptionGroup var connection: Connection

    func perform() async throws {
        let sides = [
            PolicySettings(body: try await first.body(over: connection)),
            PolicySettings(body: try await second.body(over: connection)),
        ]
        let catalog = try Catalog.embedded()
        let keys = Set(sides.flatMap(\.values.keys)).filter { sides[0].values[$0] != sides[1].values[$0] }.sorted()
        let rows = keys.map { key -> JSONValue in
            let (old, new) = (sides[0].values[key], sides[1].values[key])
            var members: [String: JSONValue] = ["setting": .string(key)]
            members["a"] = old?.json
            members["b"] = new?.json
            let inside = catalog.difference(key, from: old?.value, to: new?.value)
            if let inside { members["parts"] = .array(inside.json) }
            return .object(members)
        }
        let isFull = detail.full
        connection.show(.object(["differences": .array(rows)])) { json in
            Table(
                headings: ["SETTING", "A", "B"],
                rows: (json["differences"]?.array ?? []).flatMap { Self.rows($0, isFull) })
        }
    }

    /// The setting, and what changes inside it.
    private static func rows(_ difference: JSONValue, _ isFull: Bool) -> [[String]] {
        func side(_ json: JSONValue?) -> String {
            ValueText.summary(json?["value"]) + (json?["enforced"] == .bool(true) ? " (enforced)" : "")
        }
        let row = [Cell.whole(difference["setting"]), side(difference["a"]), side(difference["b"])]
        return [row]
            + PartText.lines(difference["parts"]?.array ?? [], indent: "  ", isFull: isFull).map { [$0, "", ""] }
    }
}

/// A policy's settings, each with its mark.
struct PolicySettings {
    var values: [String: SettingValue]

    /// - Parameter body: in the form that can be put.
    init(body: JSONValue) {
        let enforced = Set((body["enforced"]?.array ?? []).compactMap(\.string))
        values = (body["settings"]?.object ?? [:]).reduce(into: [:]) { settings, entry in
            settings[entry.key] = SettingValue(entry.value, isEnforced: enforced.contains(entry.key))
        }
    }
}

extension Catalog {
    /// What changes inside a setting's value; nil where it is another value as a whole, or no difference at all.
    func difference(_ key: String, from before: JSONValue?, to after: JSONValue?) -> ValueDifference? {
        guard before != nil, after != nil else { return nil }
        let difference = settings[key].flatMap { ValueDifference(of: $0, from: before, to: after) }
        return difference?.parts.isEmpty == false ? difference : nil
    }
}
