import Foundation

/// A folder that goes when nobody holds it any more.
public final class TemporaryFolder: Sendable {
    private let location: String

    public init() throws {
        location = NSTemporaryDirectory() + "consigne-\(UUID())"
        try FileManager.default.createDirectory(atPath: location, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: location) }

    public func path(_ name: String) -> String { "\(location)/\(name)" }
}
