import Foundation
import SyncCore

/// Reads what the operator names on the command line.
enum Files {
    /// The bytes of a file; `-` is standard input.
    static func bytes(of path: String) throws -> [UInt8] {
        if path == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
        do {
            return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw Failure(.inputUnreadable, "\(path): cannot be read: \(reason(error))")
        }
    }

    /// A JSON file, read strictly.
    static func json(_ path: String, limit: Int = Limits.jsonBytes) throws -> JSONValue {
        let text = try TextFile(path).text
        do throws(JSONError) {
            return try JSONReader.read(Array(text.utf8), limit: limit)
        } catch {
            let before = Array(text.utf8.prefix(error.offset))
            let line = before.count { $0 == 0x0A } + 1
            let column = before.count - (before.lastIndex(of: 0x0A) ?? -1)
            throw Failure(.dataRefused, "\(path):\(line):\(column): \(error)")
        }
    }

    private static func reason(_ error: any Error) -> String {
        ((error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError)?.localizedDescription
            ?? error.localizedDescription
    }
}
