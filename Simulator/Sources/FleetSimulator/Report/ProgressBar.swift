#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A line that shows how far a phase is, on a terminal only.
struct ProgressBar: Sendable {
    private let isShown = isatty(STDERR_FILENO) == 1
    private static let width = 30

    func show(_ name: String, _ done: Int, of total: Int) {
        guard isShown, total > 0 else { return }
        let filled = Self.width * min(done, total) / total
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
        Self.write("\r\(name) [\(bar)] \(done)/\(total) ")
    }

    func end() { if isShown { Self.write("\n") } }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
