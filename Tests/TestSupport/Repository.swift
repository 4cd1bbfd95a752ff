import Foundation

/// The places a test may read.
public enum Repository {
    /// The repository's root.
    public static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// One of its texts.
    public static func text(of path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The Swift files of a folder and those below it.
    public static func swiftFiles(under folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent(folder).path)
            .filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }
    }

    /// Real policies and cases, which are not part of the repository: `CONSIGNE_DATA`, or a folder beside it.
    public static let data: URL? = {
        let stated = ProcessInfo.processInfo.environment["CONSIGNE_DATA"].map { URL(fileURLWithPath: $0) }
        let folder = stated ?? root.deletingLastPathComponent().appendingPathComponent("shared/data")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    public static let hasData = data != nil
    public static let skipReason = "the real policies are not on this machine (CONSIGNE_DATA names their folder)"

    /// The bytes of one of the data folder's files; empty without the folder.
    public static func dataFile(_ name: String) throws -> [UInt8] {
        guard let data else { return [] }
        return Array(try Data(contentsOf: data.appendingPathComponent(name)))
    }
}
