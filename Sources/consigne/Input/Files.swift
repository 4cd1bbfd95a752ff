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
    static func json(_ path: String) throws -> JSONValue {
        do {
            return try JSONReader.read(try bytes(of: path))
        } catch let error as JSONError {
            throw Failure(.dataRefused, "\(path): \(error)")
        }
    }

    private static func reason(_ error: any Error) -> String {
        ((error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError)?.localizedDescription
            ?? error.localizedDescription
    }
}
