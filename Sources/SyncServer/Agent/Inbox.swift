import NIOCore
import Synchronization

/// Work that others hand to one event loop, taken over many pieces at a time.
///
/// The writer finishes a hundred reports at once; a task of the loop for each would cost as much as the answers.
final class Inbox: Sendable {
    private let loop: any EventLoop
    private let waiting = Mutex<[@Sendable () -> Void]>([])

    init(loop: any EventLoop) { self.loop = loop }

    /// Has it done on the loop, after what was put before.
    func put(_ work: @escaping @Sendable () -> Void) {
        let isFirst = waiting.withLock { waiting in
            waiting.append(work)
            return waiting.count == 1
        }
        if isFirst { loop.execute { self.empty() } }
    }

    private func empty() {
        let taken = waiting.withLock { waiting in
            let taken = waiting
            waiting = []
            return taken
        }
        for work in taken { work() }
    }
}
