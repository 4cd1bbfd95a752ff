import Foundation
import Synchronization

/// Standard error, written to by one thread, so that whoever reads it slowly, or not at all, holds up nobody.
///
/// Lines wait in a bounded buffer; what finds no room there, or cannot be written, is dropped and counted, and the next
/// line that goes out says so.
final class LogOutput: Sendable {
    private struct State {
        var lines: [[UInt8]] = []
        var bytes = 0
        var dropped = 0
        var isWriting = false
    }

    /// Bytes that wait: some thousand lines.
    private static let room = 1_024 * 1_024
    /// Milliseconds that a line waits for a reader before it is dropped.
    private static let patience: Int32 = 1_000

    static let shared = LogOutput(FileHandle.standardError.fileDescriptor)

    private let descriptor: Int32
    private let state = Mutex(State())
    private let work = DispatchSemaphore(value: 0)

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        Thread.detachNewThread { [self] in while true { writeNext() } }
    }

    /// Never waits.
    func put(_ line: [UInt8]) {
        let isTaken = state.withLock { state in
            guard state.bytes + line.count <= Self.room else {
                state.dropped += 1
                return false
            }
            state.lines.append(line)
            state.bytes += line.count
            return true
        }
        if isTaken { work.signal() }
    }

    /// Lines that nobody will read.
    var dropped: Int { state.withLock { $0.dropped } }

    /// Waits until all is written, or for so long at most.
    func flush(within milliseconds: Int) {
        for _ in 0..<max(1, milliseconds / 5) {
            guard state.withLock({ !$0.lines.isEmpty || $0.isWriting }) else { return }
            usleep(5_000)
        }
    }

    private func writeNext() {
        work.wait()
        let (lines, dropped) = state.withLock { state -> ([[UInt8]], Int) in
            defer { (state.lines, state.bytes) = ([], 0) }
            state.isWriting = !state.lines.isEmpty
            return (state.lines, state.dropped)
        }
        // Another turn took its line along.
        guard !lines.isEmpty else { return }
        defer { state.withLock { $0.isWriting = false } }
        if dropped > 0 {
            let notice = Array(
                "{\"level\":\"warning\",\"message\":\"log lines were dropped\",\"lines\":\"\(dropped)\"}\n".utf8)
            guard Self.write(notice, to: descriptor, patience: Self.patience) else { return count(lines.count) }
            count(-dropped)
        }
        for (index, line) in lines.enumerated() {
            guard Self.write(line, to: descriptor, patience: Self.patience) else { return count(lines.count - index) }
        }
    }

    private func count(_ lines: Int) { state.withLock { $0.dropped += lines } }

    /// Writes all of it, in pieces that a pipe with room takes at once; false where nobody takes it in time, or ever.
    static func write(_ bytes: [UInt8], to descriptor: Int32, patience milliseconds: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let outcome = poll(&waiting, 1, milliseconds)
            if outcome < 0 && errno == EINTR { continue }
            guard outcome > 0 else { return false }
            let end = min(bytes.count, sent + Int(PIPE_BUF))
            let count = bytes[sent..<end].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}

/// Says to whoever started the process what went wrong; never waits long for a reader, and never ends the process.
func complain(_ text: String) {
    LogOutput.shared.flush(within: 200)
    _ = LogOutput.write(Array((text + "\n").utf8), to: FileHandle.standardError.fileDescriptor, patience: 200)
}
