import Foundation
import SyncCore

extension Bench {
    /// Memory of this process for a handset that waits, and for one that is connected.
    func handsets() async throws -> [Row] {
        let hello = try ServerProcess.hello(beside: binaries, answerBytes: 200)
        defer { hello.stop() }
        let fleet = try Fleet(size: 126_000, seed: 1)
        let before = try ServerProcess.residentKilobytes(of: getpid())
        let driver = try await FleetDriver.start(
            fleet, host: "127.0.0.1", port: hello.ports[0], threads: 2, run: UInt64(Self.clock()))
        let waiting = try ServerProcess.residentKilobytes(of: getpid())
        try await driver.connect()
        let connected = try ServerProcess.residentKilobytes(of: getpid())
        try await driver.stop()
        let each = (waiting - before) / Double(fleet.members.count)
        return [
            Row(
                name: "waiting-handset", unit: "KB", ours: each, ceiling: 1, target: 1, direction: .atMost),
            Row(
                name: "handset-memory", unit: "KB", ours: each + (connected - waiting) / Double(driver.connections),
                ceiling: 8, target: 1, direction: .atMost),
        ]
    }
}
