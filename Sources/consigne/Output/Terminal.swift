import Foundation
import SyncCore

/// The two streams of a terminal, and the only way to them.
///
/// What is hidden in a text is escaped, whoever wrote it: a device's model or an operator's reason moves no cursor and
/// changes no title. A line's end stays; a value that has one is escaped before, by `Cell`.
enum Terminal {
    /// At once, for whoever reads a pipe while the command goes on.
    static func say(_ text: String) { write(text, to: .standardOutput) }

    static func complain(_ text: String) { write(text, to: .standardError) }

    static func say(_ json: JSONValue) { say(PrettyJSON.text(of: json)) }

    /// Asks on standard error, and reads a line.
    static func ask(_ question: String) -> String {
        FileHandle.standardError.write(Data(question.printable(lines: true).utf8))
        return readLine()?.lowercased() ?? ""
    }

    private static func write(_ text: String, to stream: FileHandle) {
        stream.write(Data((text.printable(lines: true) + "\n").utf8))
    }
}
