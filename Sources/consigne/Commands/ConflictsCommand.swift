import ArgumentParser
import SyncCore

/// Writes that lost against others their author had not seen, and how to end them.
struct ConflictsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflicts", abstract: "Edits that crossed, and how to end them.",
        subcommands: [List.self, Resolve.self], defaultSubcommand: List.self)

    struct List: Command {
        static let configuration = CommandConfiguration(abstract: "List settings with edits nobody has decided on.")

        @Option(help: "Only policies of this unit and those below it.") var under: OrgPath?
        @OptionGroup var connection: Connection

        func perform() async throws {
            let json = try await connection.asking { client throws(OperatorClientFailure) in
                try await client.get("/v1/conflicts", [("under", under?.text)])
            }
            guard connection.output == .table else { return Terminal.say(json) }
            let conflicts = json["conflicts"]?.array ?? []
            Terminal.say(conflicts.isEmpty ? "none" : conflicts.map(ConflictText.open).joined(separator: "\n\n"))
        }
    }

    struct Resolve: Command {
        static let configuration = CommandConfiguration(
            abstract: "End the conflict of one setting.",
            discussion: "Keeps what stands, or puts a sibling in its place. To write a third value, put the policy.")

        @Argument(help: "A policy such as /gendarmerie:baseline.") var policy: PolicyReference
        @Argument(help: "The setting.") var setting: String
        @Flag(help: "What stands stays.") var keep = false
        @Option(help: ArgumentHelp("The sibling of this log position takes its place.", valueName: "seq")) var take:
            Int?
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func validate() throws {
            guard keep != (take != nil) else { throw ValidationError("say either --keep or --take SEQ") }
        }

        func perform() async throws {
            let base = try await connection.revision(of: policy).seq
            let edit = Edit.settle(policy, key: setting, take: take.map { Seq($0) }, base: base)
            try await connection.change([edit], change) { _ in
                "\(policy) \(setting): " + (take.map { "the value of \($0) stands now" } ?? "kept as it stands")
            }
        }
    }
}

/// Conflicts as an operator reads them.
enum ConflictText {
    /// One that is open: what stands, and what was kept beside it.
    static func open(_ conflict: JSONValue) -> String {
        let (policy, setting) = (Cell.whole(conflict["policy"]), Cell.whole(conflict["setting"]))
        let siblings = conflict["siblings"]?.array ?? []
        let rows = [["  stands"] + side(conflict["stands"])] + siblings.map { ["  sibling"] + side($0) }
        let first = siblings.first?["seq"]?.integer ?? 0
        return """
            \(policy) \(setting)
            \(Table(headings: ["", "VALUE", "BY", "AT", "TIME"], rows: rows).text)
              end it: consigne conflicts resolve \(policy) \(setting) --keep, or --take \(first)
            """
    }

    private static func side(_ json: JSONValue?) -> [String] {
        [
            value(json), Cell.text(of: json?["author"]), Cell.text(of: json?["seq"]), Time.text(of: json?["received"]),
        ]
    }

    static func value(_ json: JSONValue?) -> String {
        guard let value = json?["value"] else { return "(not set)" }
        return ValueText.summary(value) + (json?["enforced"] == .bool(true) ? " (enforced)" : "")
    }

    private static func seen(_ conflict: JSONValue) -> String {
        if conflict["base"] == .integer(0) { return "nothing: you never wrote it" }
        let value = conflict["forgotten"] == .bool(true) ? "what is forgotten by now" : value(conflict["seen"])
        return "\(value), at \(Cell.text(of: conflict["base"]))"
    }

    /// The conflicts that refused a change set.
    static func refused(_ conflicts: [JSONValue]) -> String {
        conflicts.map { conflict in
            let place = conflict["sibling"] == .bool(true) ? ", kept as a sibling" : ""
            return """
                  \(Cell.whole(conflict["policy"])) \(Cell.whole(conflict["setting"]))
                    yours    \(value(conflict["yours"]))
                    theirs   \(value(conflict["theirs"])), by \(Cell.whole(conflict["author"])) at \
                \(Cell.text(of: conflict["seq"])), \(Time.text(of: conflict["received"]))\(place)
                    you saw  \(seen(conflict))
                """
        }.joined(separator: "\n")
            + """

              look again and put once more; or --mode merge keeps yours as a sibling; or --mode force --reason WHY
            """
    }
}
