import Foundation
import SyncStore
import Synchronization

/// The file of an open store: held against every other server for as long as the store is open, and looked after.
///
/// The lock is of the file, whichever name leads to it: an open-file-description lock on a byte that lies beyond all that
/// SQLite reads, writes or locks. The system lets it go with the process, however that ends.
///
/// To close any descriptor of a file drops the locks that SQLite holds on it in this process. So the descriptor is closed
/// after SQLite's own are, and one that finds the file in use stays open.
final class StoreFile: Sendable {
    let path: String
    private let descriptor: Int32
    private let identity: Identity
    /// The log in front, once it is there; it stays the same file for as long as the store is open.
    private let front = Mutex<Identity?>(nil)

    /// When the file was last changed, which this store did; nil while it writes.
    private let changed = Mutex<timespec?>(nil)

    /// Above the largest database that SQLite writes.
    private static let lockedByte: off_t = 1 << 62

    /// `F_OFD_SETLK` of Linux, which the C library shows to its own extensions only.
    private static let setOpenFileLock: Int32 = 37

    /// - Throws: `inUse` where another store has the file, by whatever name.
    init(path: String, creating: Bool = false) throws {
        self.path = path
        descriptor = open(path, O_RDWR | O_CLOEXEC | (creating ? O_CREAT | O_EXCL : 0), 0o600)
        guard descriptor >= 0 else {
            throw StoreError.unusable("\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        var range = flock()
        range.l_type = Int16(F_WRLCK)
        range.l_whence = Int16(SEEK_SET)
        range.l_start = Self.lockedByte
        range.l_len = 1
        // A program that another thread is just starting shares all descriptors for a moment, and with them the lock.
        var reason: Int32 = 0
        for _ in 0..<50 {
            reason = fcntl(descriptor, Self.setOpenFileLock, &range) == 0 ? 0 : errno
            guard reason == EAGAIN || reason == EACCES else { break }
            usleep(10_000)
        }
        guard reason == 0 else {
            guard reason == EAGAIN || reason == EACCES else {
                throw StoreError.unusable("\(path) cannot be locked: \(String(cString: strerror(reason)))")
            }
            throw StoreError.inUse
        }
        var found = stat()
        guard fstat(descriptor, &found) == 0 else { throw StoreError.unusable("\(path) cannot be looked at") }
        identity = Identity(found)
    }

    /// Looks at the first bytes, before anything that could write: what is not a database stays as it is.
    func checkIsDatabase() throws {
        let magic = Array("SQLite format 3\0".utf8)
        var header = [UInt8](repeating: 0, count: 100)
        let count = pread(descriptor, &header, header.count, 0)
        guard count != 0 else { throw StoreError.unusable("\(path) is empty, expected a store") }
        guard count == header.count, header.starts(with: magic) else {
            throw StoreError.unusable("\(path) is no database, expected a store")
        }
    }

    /// Says that this store alone writes to the file from now on, and only in `writing`.
    func own() { changed.withLock { $0 = modified() } }

    /// Has the file written to by this store.
    func writing<T>(_ body: () throws -> T) rethrows -> T {
        changed.withLock { $0 = nil }
        defer { own() }
        return try body()
    }

    /// Whether something else changed the file since it was owned.
    var isWrittenOver: Bool {
        changed.withLock { changed in
            guard let changed, let now = modified() else { return false }
            return changed.tv_sec != now.tv_sec || changed.tv_nsec != now.tv_nsec
        }
    }

    private func modified() -> timespec? {
        var found = stat()
        return fstat(descriptor, &found) == 0 ? found.st_mtim : nil
    }

    /// Whether the path still leads to this file and its log in front, neither was cut, and nobody else wrote to the file.
    ///
    /// - Throws: `failed`: what was written since may be in a file that has no name any more.
    func checkIsInPlace() throws {
        let wayOut = "stop, put it back or use `consigned restore`; what was acknowledged last may be missing"
        var (named, own) = (stat(), stat())
        guard stat(path, &named) == 0 else { throw StoreError.failed("\(path) is not there any more: \(wayOut)") }
        guard Identity(named) == identity else { throw StoreError.failed("\(path) is another file now: \(wayOut)") }
        guard fstat(descriptor, &own) == 0, own.st_size >= identity.size else {
            throw StoreError.failed(
                "\(path) was cut to \(own.st_size) bytes, expected at least \(identity.size): \(wayOut)")
        }
        let isFrontInPlace = front.withLock { front in
            var found = stat()
            guard stat(path + "-wal", &found) == 0 else { return front == nil }
            // While a store is open it only grows, or is written anew from its beginning.
            let isRight = front.map { $0 == Identity(found) && $0.size <= found.st_size } ?? true
            if isRight { front = Identity(found) }
            return isRight
        }
        guard isFrontInPlace else { throw StoreError.failed("\(path)-wal was removed, replaced or cut: \(wayOut)") }
        guard !isWrittenOver else {
            throw StoreError.failed("\(path) was written to by something else than this server: \(wayOut)")
        }
    }

    func release() { close(descriptor) }

    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t
        /// A database never shrinks while it is open.
        let size: off_t

        init(_ file: stat) { (device, inode, size) = (file.st_dev, file.st_ino, file.st_size) }

        static func == (one: Self, other: Self) -> Bool { one.device == other.device && one.inode == other.inode }
    }
}
