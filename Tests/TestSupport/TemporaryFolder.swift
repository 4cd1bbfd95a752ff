import Foundation

/// A folder that goes when nobody holds it any more.
public final class TemporaryFolder: Sendable {
    private let location: String

    /// - Parameter inMemory: where files need not outlive the machine and many are made, and it has such a place.
    public init(inMemory: Bool = false) throws {
        let memory = "/dev/shm/"
        let parent =
            inMemory && FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        location = parent + "consigne-\(UUID())"
        try FileManager.default.createDirectory(atPath: location, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: location) }

    public func path(_ name: String) -> String { "\(location)/\(name)" }
}
