import Foundation
import SyncCore

/// A text file as people's programs write it: UTF-8 with or without a byte order mark, lines that end as on Unix or on
/// Windows. What is in another encoding is refused by its name: guessed at, it would be taken with other letters.
struct TextFile {
    let path: String
    /// Without a byte order mark.
    let text: String

    init(_ path: String) throws { try self.init(path, bytes: Files.bytes(of: path)) }

    init(_ path: String, bytes: [UInt8]) throws {
        self.path = path
        let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        guard !bytes.starts(with: [0xFF, 0xFE]), !bytes.starts(with: [0xFE, 0xFF]), !bytes.contains(0) else {
            throw Failure(
                .dataRefused,
                "\(path): the file is UTF-16, or no text: save it again as UTF-8 (in a spreadsheet: CSV UTF-8)")
        }
        let content = isMarked ? bytes[3...] : bytes[...]
        guard let text = String(validating: content, as: UTF8.self) else {
            throw Self.refusal(path, Array(content))
        }
        self.text = text
    }

    /// Lines without their ends, each with its number from 1.
    var lines: [(number: Int, text: Substring)] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated().map { ($0 + 1, $1) }
    }

    /// Names the first byte that is no UTF-8, and what it would be on Windows.
    private static func refusal(_ path: String, _ bytes: [UInt8]) -> Failure {
        var iterator = bytes.makeIterator()
        var parser = Unicode.UTF8.ForwardParser()
        var offset = 0
        parsing: while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let scalar): offset += scalar.count
            case .error, .emptyInput: break parsing
            }
        }
        let before = bytes[..<offset]
        let line = before.count { $0 == 0x0A } + 1
        let column =
            String(decoding: before[(before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0)...], as: UTF8.self).count + 1
        let byte = offset < bytes.count ? bytes[offset] : 0
        let letter =
            String(data: Data([byte]), encoding: .windowsCP1252).map { ", where it is \($0.printable())" } ?? ""
        return Failure(
            .dataRefused,
            "\(path):\(line):\(column): the byte \(String(byte, radix: 16, uppercase: true)) is not UTF-8; the file seems to be "
                + "Windows-1252\(letter): save it again as UTF-8 (in a spreadsheet: CSV UTF-8)")
    }
}
