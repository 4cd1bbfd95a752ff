import Foundation
import SyncCore
import Synchronization
import TestSupport
import Testing

@testable import SyncServer

/// The end of the agents' listener, whatever clients do meanwhile.
@Suite struct ShutdownTests {
    @Test func `200 shutdowns under a storm of connections all come to their end`() async throws {
        for _ in 0..<200 {
            var storm: Storm?
            // It is shut down behind the body: some are connected then, some are being accepted, some in the backlog.
            try await TestServer.with { server in
                storm = Storm(server.listener.port)
                await storm?.raging()
            }
            storm?.end()
        }
    }

    /// Connects and goes, or stays, as fast as one thread can.
    private final class Storm: Sendable {
        private let state = Mutex((connected: 0, isOver: false))

        init(_ port: Int) {
            Thread.detachNewThread { [self] in
                var kept: [DeviceConnection] = []
                while !state.withLock({ $0.isOver }) {
                    guard let connection = try? DeviceConnection(port: port) else { continue }
                    if kept.count < 20 { kept.append(connection) }
                    state.withLock { $0.connected += 1 }
                }
            }
        }

        func raging() async { while state.withLock({ $0.connected }) < 10 { await Task.yield() } }
        func end() { state.withLock { $0.isOver = true } }
    }
}
