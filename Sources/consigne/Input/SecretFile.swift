import Foundation
import SyncClient
import SyncCore

typealias OperatorClientFailure = OperatorClient.Failure

/// A file that only its owner can read, from its first byte on; it never replaces another.
enum SecretFile {
    /// Durable when it returns: what it holds may be in force a moment later.
    static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(.outputUnwritable, "\(path): cannot be made: \(String(cString: strerror(errno)))")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(text.utf8))
            try handle.synchronize()
        } catch {
            throw Failure(.outputUnwritable, "\(path): cannot be written: \(error.localizedDescription)")
        }
    }

    /// Takes a file away whose secrets never came to be.
    static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}

extension JSONValue {
    /// The last part of the first thing that a receipt says was created: `p12` of `policy/p12`.
    var createdName: String {
        self["created"]?.array?.first?.string?.split(separator: "/").last.map(String.init) ?? "-"
    }
}
