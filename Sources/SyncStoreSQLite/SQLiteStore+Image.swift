import Dispatch
import Foundation
import SyncStore

/// The image is a file of its own beside the store's: in the store it would go through the one writer and its
/// write-ahead log, and into every backup, which has no use for it.
extension SQLiteStore {
    public func image() async throws -> [UInt8]? {
        try await onThread { [imagePath] in
            guard FileManager.default.fileExists(atPath: imagePath) else { return nil }
            return Array(try Data(contentsOf: URL(fileURLWithPath: imagePath)))
        }
    }

    public func keep(image: [UInt8]) async throws {
        try await onThread { [imagePath] in
            try Self.replace(imagePath, by: Data(image))
        }
    }

    /// A crash leaves the old file or the new one, and perhaps an unfinished one that the next replaces.
    static func replace(_ path: String, by data: Data) throws {
        let unfinished = path + ".unfinished"
        guard
            FileManager.default.createFile(atPath: unfinished, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw StoreError.failed("\(unfinished) cannot be made") }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: unfinished))
        try handle.write(contentsOf: data)
        try handle.synchronize()
        try handle.close()
        guard rename(unfinished, path) == 0 else { throw StoreError.failed("\(path) cannot be put in place") }
        try flushFolder(of: path)
    }

    /// Files of tens of megabytes are read and flushed on a thread that nobody else waits for.
    private func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { continuation.resume(with: Result(catching: body)) }
        }
    }
}
