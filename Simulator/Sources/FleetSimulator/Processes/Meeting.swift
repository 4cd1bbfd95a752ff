import Foundation

/// The points at which processes that play one fleet wait for each other: a line out on standard output, a line in on
/// standard input.
public enum Meeting {
    static let word = "meet "

    /// Says how far this process is, and returns when all are.
    ///
    /// Without whoever brings them together the others cannot be waited for, and the process ends.
    public static func wait(_ name: String) async {
        FileHandle.standardOutput.write(Data("\(word)\(name)\n".utf8))
        // A thread of its own: the pool's are for work.
        await withCheckedContinuation { done in
            Thread.detachNewThread {
                guard readLine() != nil else { exit(69) }
                done.resume()
            }
        }
    }
}
