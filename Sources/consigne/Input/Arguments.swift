import ArgumentParser
import SyncCore

extension OrgPath: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension PolicyReference: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension DeviceID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension AssignmentID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension TokenID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension OperatorName: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension Tag: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension Role: ExpressibleByArgument {}

extension ConflictMode: ExpressibleByArgument {}

/// A moment of the log: a position, a time, or a day.
struct AtOptions: ParsableArguments {
    @Option(help: ArgumentHelp("As it was at a log position or a time (2026-03-03T08:00:00Z).", valueName: "seq|time"))
    var at: String?

    /// As the server reads it: a day begins at midnight, UTC.
    var moment: String? { at.map(Parse.moment) }
}

/// Words on the command line that need more than a yes or no.
enum Parse {
    static func selector(_ text: String) throws -> Selector {
        do {
            return try Selector(text)
        } catch {
            throw ValidationError("selector: \(error)")
        }
    }

    static func moment(_ text: String) -> String {
        text.count == 10 && text.contains("-") ? text + "T00:00:00Z" : text
    }

    /// `90d`, `12h`, `30m`: how long something lasts.
    static func milliseconds(_ text: String) throws -> Int64 {
        let units: [Character: Int64] = ["m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let factor = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
            (1...100_000).contains(count)
        else { throw ValidationError("found \"\(text)\", expected a time such as 30m, 12h or 90d") }
        return count * factor
    }

    /// A time such as 30m, 12h or 90d, in seconds, as a query has it.
    static func seconds(_ text: String) throws -> String { String(try milliseconds(text) / 1_000) }
}
