import ArgumentParser
import SyncCore

/// `consigne explain DEVICE [SETTING [RECORD]]`: each value, who contributed, who lost and why.
struct Explain: Command {
    static let configuration = CommandConfiguration(
        abstract: "Who decided what a device must hold.",
        discussion: """
            Of a setting that merges records, such as applications, it says who decided each field of each record: \
            consigne explain d8 applications fr.example.pve. `+` stands before what counts, `-` before what does not.
            """)

    @Argument(help: "A device such as d12.") var device: DeviceID
    @Argument(help: "One setting only.") var setting: String?
    @Argument(help: "One record or element of it only: its key, as JSON where it has several members.") var record:
        String?
    @OptionGroup var past: AtOptions
    @OptionGroup var detail: DetailOptions
    @OptionGroup var connection: Connection

    func perform() async throws {
        let query = [("setting", setting), ("record", record), ("at", past.moment)]
        let json = try await connection.asking { client throws(OperatorClientFailure) in
            try await client.get("/v1/devices/\(device)/explain", query)
        }
        guard connection.output == .table else { return Terminal.say(json) }
        let settings = (json["settings"]?.object ?? [:]).sorted { $0.key < $1.key }
        guard !settings.isEmpty else {
            return Terminal.say(setting.map { "nobody sets \($0)" } ?? "no policy reaches \(device)")
        }
        if past.at != nil {
            Terminal.say("\(device) in \(Cell.whole(json["unit"])) at log position \(json["at"]?.integer ?? 0)\n")
        }
        let text = ExplanationText(record: record, isFull: detail.full)
        Terminal.say(settings.map(text.describe).joined(separator: "\n"))
    }
}

/// Whether a list is cut to what one reads at a glance.
struct DetailOptions: ParsableArguments {
    @Flag(help: "List everything, however long it is.") var full = false
}
