import Foundation

/// The machine a bench ran on, as Linux describes it.
public struct BenchMachine: Hashable, Encodable, Sendable {
    let processor: String
    /// Cores this process may use.
    let cores: Int
    let memoryGiB: Double
    let kernel: String

    private static let unknown = "unknown"

    /// The machine this runs on; what cannot be read is `unknown` or 0.
    public static func current() -> BenchMachine {
        func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
        return BenchMachine(
            cpuinfo: text("/proc/cpuinfo"), meminfo: text("/proc/meminfo"),
            release: text("/proc/sys/kernel/osrelease"), cores: ProcessInfo.processInfo.activeProcessorCount)
    }

    /// - Parameters:
    ///   - cpuinfo: the text of `/proc/cpuinfo`.
    ///   - meminfo: the text of `/proc/meminfo`.
    ///   - release: the text of `/proc/sys/kernel/osrelease`.
    ///   - cores: how many cores the process may use.
    init(cpuinfo: String, meminfo: String, release: String, cores: Int) {
        let kibibytes = Self.value(of: "MemTotal", in: meminfo)?.split(separator: " ").first.flatMap { Double($0) }
        let kernel = release.trimmingCharacters(in: .whitespacesAndNewlines)
        processor = Self.value(of: "model name", in: cpuinfo) ?? Self.unknown
        self.cores = cores
        memoryGiB = ((kibibytes ?? 0) / 1_048_576 * 10).rounded() / 10
        self.kernel = kernel.isEmpty ? Self.unknown : kernel
    }

    /// The value of the first line `name : value`.
    private static func value(of name: String, in text: String) -> String? {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            if parts.count == 2, parts[0] == name, !parts[1].isEmpty { return parts[1] }
        }
        return nil
    }
}
