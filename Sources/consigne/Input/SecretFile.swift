import Foundation
import SyncClient
import SyncCore

typealias OperatorClientFailure = OperatorClient.Failure

/// A file that only its owner can read, from its first byte on; it never replaces another.
enum SecretFile {
    private static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(.outputUnwritable, "\(path): cannot be made: \(String(cString: strerror(errno)))")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(text.utf8))
        } catch {
            throw Failure(.outputUnwritable, "\(path): cannot be written: \(error.localizedDescription)")
        }
    }

    /// Writes it before the server learns of it, and removes it when the server refuses. It stays while the outcome is
    /// not known: the server may have done what was asked.
    static func keep(_ text: String, at path: String, while change: () async throws -> Void) async throws {
        try write(text, to: path)
        do {
            try await change()
        } catch let failure as Failure where failure.code != .serverUnreachable {
            try? FileManager.default.removeItem(atPath: path)
            throw failure
        }
    }
}

extension JSONValue {
    /// The last part of the first thing that a receipt says was created: `p12` of `policy/p12`.
    var createdName: String {
        self["created"]?.array?.first?.string?.split(separator: "/").last.map(String.init) ?? "-"
    }
}
