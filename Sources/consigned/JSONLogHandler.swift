import Foundation
import Logging
import SyncCore

/// One JSON object a line on standard error.
struct JSONLogHandler: LogHandler {
    /// Characters of one value: a line must not fill what is kept for all of them.
    private static let longest = 1_024

    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level

    static func bootstrap(level: Logger.Level) -> Logger {
        LoggingSystem.bootstrap { _ in JSONLogHandler(logLevel: level) }
        return Logger(label: "consigned")
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line: [String: JSONValue] = [
            "time": .string(Date().formatted(.iso8601.time(includingFractionalSeconds: true))),
            "level": .string(event.level.rawValue), "message": .string("\(event.message)"),
        ]
        for (name, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            let text = "\(value)"
            line[name] = .string(text.utf8.count > Self.longest ? text.prefix(Self.longest) + "..." : text)
        }
        LogOutput.shared.put(CanonicalWriter.bytes(of: .object(line)) + [0x0A])
    }
}
