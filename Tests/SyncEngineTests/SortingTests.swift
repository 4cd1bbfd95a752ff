import SyncCore
import SyncStore
import SyncStoreTesting
import Synchronization
import Testing

@testable import SyncEngine

/// When the engine has reports sorted.
@Suite struct SortingTests {
    /// Notes from how many reports on it was to sort.
    private final class NotingStore: StoreWrapper {
        let base: any Store = MemoryStore(epoch: 1)
        private let counts = Mutex<[Int]>([])

        var asked: [Int] { counts.withLock { $0 } }

        func sortReports(atLeast count: Int) async throws { counts.withLock { $0.append(count) } }
    }

    @Test func `while a herd reports, many more may wait to be sorted`() async throws {
        let store = NotingStore()
        try await Bench.with(store) { bench in
            var number: UInt64 = 0
            func reports(_ count: Int, bytes: Int = 2) {
                for _ in 0..<count {
                    number += 1
                    bench.engine.devices.take(
                        StoredReport(
                            device: DeviceID(seq: 1), enrolment: 1, number: number, held: nil, failed: nil,
                            received: 1, body: [UInt8](repeating: 0x20, count: bytes)))
                }
            }
            for count in [0, 9, 10, 25, 0, 9] {
                reports(count)
                try await bench.engine.sortReports(atLeast: 10, orBytes: 100_000)
            }
            #expect(store.asked == [10, 10, 160, 160, 10, 10])
            // A few large ones are as good as many; a herd's are given more time.
            for (count, bytes) in [(2, 50_000), (1, 50_000), (1, 50_000), (20, 60_000), (20, 60_000), (1, 2)] {
                reports(count, bytes: bytes)
                try await bench.engine.sortReports(atLeast: 10, orBytes: 100_000)
            }
        }
        #expect(store.asked.dropFirst(6) == [1, 10, 1, 160, 1, 10])
    }
}
