import ArgumentParser
import SyncCore

struct DevicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "The terminals.",
        subcommands: [
            List.self, Show.self, TagCommand.self, Move.self, Revoke.self, Retire.self, Replace.self, ImportLot.self,
        ], defaultSubcommand: List.self)

    struct List: Command {
        static let configuration = CommandConfiguration(abstract: "List devices, a page at a time.")

        @Option(help: "Only this unit and those below it.") var under: OrgPath?
        @Option(help: "Only devices with this tag.") var tag: Tag?
        @Option(help: "provisioned, enrolled, revoked or retired.") var state: String?
        @Option(help: "The one with this serial number.") var serial: String?
        @Option(help: "Only this model.") var model: String?
        @Option(help: "in sync, in sync with non-compliance, pending, failed or silent.") var standing: String?
        @Option(help: "Only devices that this policy reaches.") var policy: PolicyReference?
        @Option(help: "Only devices that cannot honour this setting.") var nonCompliant: String?
        @Option(help: "Only devices without a word for so long: 30m, 12h, 7d.") var silentFor: String?
        @Option(help: "Devices after this one: the next page.") var after: DeviceID?
        @Option(help: "Devices a page.") var limit = 100
        @Flag(help: "Say also how many there are in all.") var count = false
        @OptionGroup var connection: Connection

        func perform() async throws {
            let query: [(String, String?)] = [
                ("under", under?.text), ("tag", tag?.text), ("state", state), ("serial", serial), ("model", model),
                ("standing", standing), ("policy", policy?.description), ("nonCompliant", nonCompliant),
                ("silentFor", try silentFor.map(Parse.seconds)), ("after", after?.description),
                ("limit", String(limit)), ("count", count ? "true" : nil),
            ]
            try await connection.show("/v1/devices", query) { json in
                var table = Table.of(
                    json["devices"],
                    [
                        ("DEVICE", "device"), ("STATE", "state"), ("UNIT", "unit"), ("TAGS", "tags"),
                        ("MODEL", "model"), ("SERIAL", "serial"), ("STANDING", "standing"),
                    ])
                let footers = [
                    json["total"]?.integer.map { "\($0) in all" },
                    json["next"]?.string.map { "the next page is --after \($0)" },
                ].compactMap(\.self)
                table.footer = footers.isEmpty ? nil : footers.joined(separator: "; ")
                return table
            }
        }
    }

    struct Show: Command {
        static let configuration = CommandConfiguration(abstract: "All that is known of one device.")

        @Argument(help: "A device such as d12.") var device: DeviceID
        @OptionGroup var past: AtOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            try await connection.show("/v1/devices/\(device)", [("at", past.moment)]) { json in
                let rows = (json.object ?? [:]).sorted { $0.key < $1.key }.map { [$0, Cell.text(of: $1)] }
                return Table(headings: ["", ""], rows: rows)
            }
        }
    }

    struct TagCommand: Command {
        static let configuration = CommandConfiguration(
            commandName: "tag", abstract: "Add tags to a device, or take some away.")

        @Argument(help: "A device such as d12.") var device: DeviceID
        @Option(name: .customLong("add"), help: "A tag to add; may be said again.") var added: [Tag] = []
        @Option(name: .customLong("remove"), help: "A tag to take away; may be said again.") var removed: [Tag] = []
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func validate() throws {
            if added.isEmpty && removed.isEmpty { throw ValidationError("expected --add or --remove with a tag") }
        }

        func perform() async throws {
            try await connection.change([.tag(device, add: Set(added), remove: Set(removed))], change) { _ in
                "\(device) tagged"
            }
        }
    }

    struct Move: Command {
        static let configuration = CommandConfiguration(abstract: "Move devices to another unit of their agency.")

        @Argument(help: "Devices such as d12.") var devices: [DeviceID]
        @Option(help: "The unit.") var to: OrgPath
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            try await connection.change(devices.map { .move($0, to: to) }, change) { _ in
                "\(devices.count) devices moved to \(to)"
            }
        }
    }

    struct Revoke: Command {
        static let configuration = CommandConfiguration(
            abstract: "Close the door on a device: its credential opens nothing more; it may enrol again.")

        @Argument(help: "Devices such as d12.") var devices: [DeviceID]
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            try await connection.change(devices.map(Edit.revoke), change) { _ in "\(devices.count) devices revoked" }
        }
    }

    struct Retire: Command {
        static let configuration = CommandConfiguration(abstract: "Take a device out of the fleet for good.")

        @Argument(help: "Devices such as d12.") var devices: [DeviceID]
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func perform() async throws {
            try await connection.change(devices.map(Edit.retire), change) { _ in "\(devices.count) devices retired" }
        }
    }

    struct Replace: Command {
        static let configuration = CommandConfiguration(
            abstract: "Hand what the user has set on one device to the one that takes its place.",
            discussion: "The new one may be delivered or enrolled already. The old one stays as it is: retire it after."
        )

        @Argument(help: "The device that is handed in, such as d12.") var old: DeviceID
        @Argument(help: "The device that takes its place.") var new: DeviceID
        @OptionGroup var change: ChangeOptions
        @OptionGroup var connection: Connection

        func validate() throws {
            if old == new { throw ValidationError("a device does not replace itself") }
        }

        func perform() async throws {
            try await connection.change([.replace(old, with: new)], change) { _ in
                "\(new) has what was set on \(old)"
            }
        }
    }
}
