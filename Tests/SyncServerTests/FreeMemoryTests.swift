import Foundation
import Testing

@testable import SyncServer

/// What was freed all over the heap goes back to the system.
@Suite(.serialized) struct FreeMemoryTests {
    /// Bytes of this process that are in memory (proc(5), statm).
    private static func resident() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
            * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    @Test(.enabled(if: FreeMemory.bytes > 0, "this allocator says nothing"))
    func `holes that a herd leaves are given back, and few are not worth it`() throws {
        let size = 1_000
        let pieces = (0..<200_000).map { number in
            let piece = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
            piece.initializeMemory(as: UInt8.self, repeating: UInt8(truncatingIfNeeded: number), count: size)
            return piece
        }
        // Each that stays holds the end of the heap where it is.
        for (number, piece) in pieces.enumerated() where !number.isMultiple(of: 64) { piece.deallocate() }
        let before = try Self.resident()
        #expect(!FreeMemory.giveBack(ifAtLeast: .max))
        #expect(FreeMemory.giveBack(ifAtLeast: 64 * size))
        let after = try Self.resident()
        #expect(before - after > 100_000_000, "\(before) before, \(after) after")
        for (number, piece) in pieces.enumerated() where number.isMultiple(of: 64) { piece.deallocate() }
    }
}
