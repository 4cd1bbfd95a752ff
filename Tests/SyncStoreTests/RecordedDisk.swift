import CPowerCut
import TestSupport

/// What a disk was asked to do, replayed up to some moment at which the power goes.
struct RecordedDisk {
    /// One file: what a sync has made durable, and what was written since.
    struct File {
        private static let sector = 512
        private(set) var durable: [UInt8]
        private var volatile: [UInt8]
        private var dirty: Set<Int> = []

        init(_ bytes: [UInt8]) {
            durable = bytes
            volatile = bytes
        }

        mutating func write(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int) {
            let end = offset + bytes.count
            if volatile.count < end { volatile += [UInt8](repeating: 0, count: end - volatile.count) }
            volatile.withUnsafeMutableBytes { $0.baseAddress?.advanced(by: offset).copyMemory(from: bytes) }
            dirty.formUnion(offset / Self.sector...(end - 1) / Self.sector)
        }

        mutating func truncate(to length: Int) {
            volatile.removeLast(max(0, volatile.count - length))
        }

        mutating func sync() {
            durable = volatile
            dirty = []
        }

        /// What is there after the power went: of what was not synced any sectors, and some of those torn.
        func cut(_ generator: inout SeededGenerator) -> [UInt8] {
            var left = durable
            // The length is one or the other, too.
            if Bool.random(using: &generator) {
                left.removeLast(max(0, left.count - volatile.count))
                left += [UInt8](repeating: 0, count: volatile.count - left.count)
            }
            for sector in dirty.sorted() where Bool.random(using: &generator) {
                let start = sector * Self.sector
                let isTorn = Int.random(in: 0..<16, using: &generator) == 0
                let length = isTorn ? Int.random(in: 1..<Self.sector, using: &generator) : Self.sector
                let end = min(start + length, min(left.count, volatile.count))
                if start < end { left.replaceSubrange(start..<end, with: volatile[start..<end]) }
            }
            return left
        }
    }

    /// The database and its write-ahead log.
    private(set) var files: [File]
    private(set) var position = 0
    /// The last mark that was passed; nil before the first.
    private(set) var mark: Int?
    /// Of how many syncs one is ignored; 0 for none.
    private let ignoring: Int
    private var syncs = 0

    static var eventCount: Int { powercut_count() }

    /// - Parameter database: the file's bytes when the recording began; its log was empty.
    init(_ database: [UInt8], ignoringOneSyncIn count: Int = 0) {
        files = [File(database), File([])]
        ignoring = count
    }

    /// Goes on until so many events are behind it.
    mutating func replay(to end: Int) {
        while position < end {
            let event = powercut_event_at(position)
            position += 1
            switch event.kind {
            case POWERCUT_WRITE:
                files[Int(event.file)].write(
                    UnsafeBufferPointer(start: event.bytes, count: event.count), at: Int(event.offset))
            case POWERCUT_TRUNCATE: files[Int(event.file)].truncate(to: Int(event.offset))
            case POWERCUT_SYNC:
                syncs += 1
                if ignoring == 0 || syncs % ignoring != 0 { files[Int(event.file)].sync() }
            default: mark = Int(event.offset)
            }
        }
    }
}

extension UnsafeMutableRawPointer {
    fileprivate func copyMemory(from bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        copyMemory(from: start, byteCount: bytes.count)
    }
}
