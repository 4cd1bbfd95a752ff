import ArgumentParser
import SyncCore

/// What a terminal's user has set, and changes made for him.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "What the users of terminals have set.",
        subcommands: [Show.self, EditCommand.self], defaultSubcommand: Show.self)

    struct Show: Command {
        static let configuration = CommandConfiguration(
            abstract: "What a device's user has set, what of it is in force, and what does not count.")

        @Argument(help: "A device such as d12.") var device: DeviceID
        @OptionGroup var connection: Connection

        func perform() async throws {
            let json = try await connection.asking { client throws(OperatorClientFailure) in
                try await client.get("/v1/devices/\(device)/user", [])
            }
            Terminal.say(connection.output == .table ? UserText.text(of: json) : PrettyJSON.text(of: json))
        }
    }

    struct EditCommand: Command {
        static let configuration = CommandConfiguration(
            commandName: "edit", abstract: "Change what a device's user has set, for him.",
            discussion: """
                Both count where the user changed other things on his terminal meanwhile, also offline. Operations are \
                set and unset for a value, add and remove for the elements of a set, put, patch and remove for records.
                  consigne user edit d12 user.language set br
                  consigne user edit d12 user.favouriteApps add '["fr.example.map"]'
                  consigne user edit d12 user.wifiNetworks put '{"ssid": "brigade", "security": "WPA2"}'
                """)

        @Argument(help: "A device such as d12.") var device: DeviceID
        @Argument(help: "A setting that users write.") var setting: String
        @Argument(help: "set, unset, add, remove, put or patch.") var operation: UserEdit.Operation
        @Argument(help: "JSON; a word that is none is taken as text.") var value: String?
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func validate() throws {
            if (value == nil) != (operation == .unset) {
                throw ValidationError(
                    operation == .unset ? "unset takes no value" : "\(operation.rawValue) needs a value")
            }
        }

        func perform() async throws {
            let json = value.map { (try? JSONReader.read(Array($0.utf8))) ?? .string($0) }
            let known = try await connection.asking { client throws(OperatorClientFailure) in
                try await client.get("/v1/devices/\(device)/user", [])
            }
            let seen = known["n"]?.integer.flatMap { UInt64(exactly: $0) }
            let edit = Edit.editUser(device, UserEdit(setting, operation, json), seen: seen)
            try await connection.change([edit], change) { _ in "\(device) \(setting): \(operation.rawValue) done" }
        }
    }
}

extension UserEdit.Operation: ExpressibleByArgument {}

/// A user document as an operator reads it.
enum UserText {
    static func text(of json: JSONValue) -> String {
        let settings = (json["settings"]?.object ?? [:]).sorted { $0.key < $1.key }
        let rows = settings.map { key, setting in
            [
                key, Cell.text(of: setting["value"]),
                setting["inForce"] == setting["value"] ? "yes" : "no: " + Cell.text(of: setting["inForce"]),
            ]
        }
        var text = Table(
            headings: ["SETTING", "SET TO", "IN FORCE"], rows: rows, footer: rows.isEmpty ? "nothing set" : nil
        )
        .text
        let siblings = (json["siblings"]?.array ?? []).map { sibling in
            [
                "  " + Cell.text(of: sibling["key"]), Cell.text(of: sibling["op"]), Cell.text(of: sibling["value"]),
                why(sibling["reason"]?.string ?? ""), Time.text(of: sibling["at"]),
            ]
        }
        guard !siblings.isEmpty else { return text }
        text += "\n\ndoes not count:\n"
        return text
            + Table(headings: ["  SETTING", "EDIT", "VALUE", "WHY", "BY ITS CLOCK"], rows: siblings).text
    }

    private static func why(_ reason: String) -> String {
        switch reason {
        case "overtaken": "the terminal set another value, unseen; to overrule it, edit again"
        case "gate-closed": "the policy does not leave this to users"
        case "enforced": "an enforced policy does not leave this to users"
        case "out-of-bounds": "beyond what the policy or the setting allows"
        case "too-large": "the document would be too large"
        default: reason
        }
    }
}
