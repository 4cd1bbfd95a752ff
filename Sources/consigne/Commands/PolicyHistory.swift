import ArgumentParser
import SyncClient
import SyncCore
import SyncProtocol

/// `consigne policies history POLICY`.
struct PolicyHistory: Command {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Who changed what in a policy, the latest last.",
        discussion: "Of lists it says which records came, went or changed.")

    @Argument(help: "A policy such as /gendarmerie:baseline.") var policy: PolicyReference
    @Option(help: "How many changes at most.") var limit = 50
    @OptionGroup var detail: DetailOptions
    @OptionGroup var connection: Connection

    func perform() async throws {
        let query = [("name", policy.description), ("limit", String(limit))]
        let answer = try await connection.asking { client throws(OperatorClientFailure) in
            try await client.get("/v1/policy/history", query)
        }
        let history = try await withBefore(answer)
        let isFull = detail.full
        connection.show(history) { json in
            Table(
                headings: ["SEQ", "TIME", "AUTHOR", "SETTING", "CHANGE", "OUTCOME", "REASON"],
                rows: (json["history"]?.array ?? []).flatMap { Self.rows($0, isFull) },
                footer: json["cut"]?.bool == true
                    ? "older changes are left out: what is shown is as much as one answer holds"
                    : json["floor"]?.integer.map { "the log is kept from position \($0) on" })
        }
    }

    /// The history, with what stood before each change, and what changed inside.
    private func withBefore(_ answer: JSONValue) async throws -> JSONValue {
        guard var members = answer.object, let history = members["history"]?.array else { return answer }
        let first = history.first?["changes"]?.array?.first?["seq"]?.integer ?? 1
        guard var values = try await settings(at: first - 1)?.values else { return answer }
        let catalog = try Catalog.embedded()
        members["history"] = .array(
            history.map { transaction in
                guard var members = transaction.object else { return transaction }
                members["changes"] = .array(
                    (members["changes"]?.array ?? []).map { Self.follow($0, &values, catalog) })
                return .object(members)
            })
        return .object(members)
    }

    /// The policy at a position; nil where that is forgotten.
    private func settings(at seq: Int64) async throws -> PolicySettings? {
        let client = try connection.client()
        do throws(OperatorClientFailure) {
            let json = try await client.get("/v1/policy", [("name", policy.description), ("at", String(max(0, seq)))])
            return PolicySettings(body: json["body"] ?? .object([:]))
        } catch .refused(let refusal) where refusal.code == "unknown-policy" {
            return PolicySettings(body: .object([:]))
        } catch .refused(let refusal) where refusal.code == "compacted" {
            return nil
        } catch {
            throw Failure(error)
        }
    }

    /// One change with what it changed; what follows sees what it left.
    private static func follow(
        _ change: JSONValue, _ values: inout [String: SettingValue], _ catalog: Catalog
    ) -> JSONValue {
        guard var members = change.object, let key = change["key"]?.string, key != "@created" else { return change }
        let before = values[key]
        let after = change["value"].flatMap { value in
            value["value"].map { SettingValue($0, isEnforced: value["enforced"] == .bool(true)) }
        }
        members["before"] = before?.json
        if let inside = catalog.difference(key, from: before?.value, to: after?.value) {
            members["parts"] = .array(inside.json)
        }
        if change["outcome"] != .string("sibling") { values[key] = after }
        return .object(members)
    }

    private static func rows(_ transaction: JSONValue, _ isFull: Bool) -> [[String]] {
        (transaction["changes"]?.array ?? []).flatMap { change -> [[String]] in
            let parts = PartText.lines(change["parts"]?.array ?? [], indent: "", isFull: isFull)
            let row = [
                Cell.text(of: change["seq"]), Time.text(of: transaction["received"]),
                Cell.text(of: transaction["author"]), Cell.whole(change["key"]), words(of: change),
                Cell.text(of: change["outcome"]), Cell.text(of: transaction["reason"]),
            ]
            return [row] + parts.map { ["", "", "", "", $0, "", ""] }
        }
    }

    /// `60000 -> 30000`.
    private static func words(of change: JSONValue) -> String {
        if change["key"] == .string("@created") { return "created" }
        let before = change["before"].map { ValueText.summary($0["value"]) + mark($0) }
        guard change["op"] != .string("remove") else { return (before.map { "\($0) -> " } ?? "") + "removed" }
        let after = ValueText.summary(change["value"]?["value"]) + mark(change["value"])
        return before.map { "\($0) -> \(after)" } ?? after
    }

    private static func mark(_ value: JSONValue?) -> String { value?["enforced"] == .bool(true) ? " (enforced)" : "" }
}
