import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// One TCP connection to a listener, with nothing between the test and the bytes.
///
/// What answers a whole request is held against the contract; what answers bytes that a test made by hand is not.
///
/// It waits on a thread of its own: a test that blocked one of Swift's would keep the server it tests from running.
public final class DeviceConnection: Sendable {
    public enum Failure: Error, Equatable {
        case cannotConnect, closed, timedOut, notHTTP(String), undocumented([String])
    }

    public struct Answer: Sendable {
        public let status: Int
        public let headers: [String: String]
        public let body: [UInt8]
    }

    private let descriptor: Int32
    private let unread = Mutex<[UInt8]>([])
    /// Requests that are not answered yet; nil once bytes were sent that are none.
    private let asked = Mutex<[(method: String, path: String)]?>([])

    public init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // What is whole already is closed by its end.
        guard outcome == 0 else { throw Failure.cannotConnect }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }

    public func send(_ text: String) throws { try send(Array(text.utf8)) }

    public func send(_ bytes: [UInt8]) throws {
        asked.withLock { $0 = nil }
        try write(bytes)
    }

    private func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure.closed }
            sent += count
        }
    }

    /// Sends the same again and again until the other side has taken nothing for so many milliseconds, or enough.
    ///
    /// - Returns: bytes that were sent; `limit` or more where the other side never stopped taking them.
    public func flood(_ text: String, limit: Int, patience milliseconds: Int32) async throws -> Int {
        let bytes = Array(String(repeating: text, count: 65_536 / text.utf8.count).utf8)
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try self.flood(bytes, limit, milliseconds) })
            }
        }
    }

    private func flood(_ bytes: [UInt8], _ limit: Int, _ milliseconds: Int32) throws -> Int {
        var sent = 0
        while sent < limit {
            var query = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&query, 1, milliseconds) > 0 else { break }
            let count = bytes[(sent % bytes.count)...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            guard count > 0 else { throw Failure.closed }
            sent += count
        }
        return sent
    }

    public func request(
        _ method: String, _ path: String, _ headers: [(String, String)] = [], body: String = ""
    ) throws {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: test\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if !body.isEmpty || method == "POST" { text += "Content-Length: \(body.utf8.count)\r\n" }
        asked.withLock { $0?.append((method, path)) }
        try write(Array((text + "\r\n" + body).utf8))
    }

    /// Whether an answer has begun to come; waits for it no longer than so many milliseconds.
    public func hasAnswer(within milliseconds: Int32) -> Bool {
        unread.withLock { !$0.isEmpty } || readable(milliseconds)
    }

    /// The next answer, as a whole.
    ///
    /// - Parameter headOnly: it answers HEAD, so that no body follows, whatever length is told.
    public func answer(within milliseconds: Int32 = 20_000, headOnly: Bool = false) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try self.awaited(milliseconds, headOnly) }) }
        }
    }

    private func awaited(_ milliseconds: Int32, _ headOnly: Bool) throws -> Answer {
        while true {
            if let answer = try unread.withLock({ try Self.parse(&$0, headOnly) }) {
                try hold(answer)
                return answer
            }
            guard readable(milliseconds) else { throw Failure.timedOut }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { throw Failure.closed }
            unread.withLock { $0 += buffer[..<count] }
        }
    }

    private func readable(_ milliseconds: Int32) -> Bool {
        var query = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&query, 1, milliseconds) > 0
    }

    /// Throws where an answer is not as the contract says.
    private func hold(_ answer: Answer) throws {
        let request = asked.withLock { $0?.isEmpty == false ? $0?.removeFirst() : nil }
        guard let request, answer.headers["content-encoding"] == nil else { return }
        let violations = try Contract.shared.get().violations(
            of: Contract.Exchange(
                method: request.method, path: request.path, status: answer.status, headers: answer.headers,
                body: answer.body))
        if !violations.isEmpty { throw Failure.undocumented(violations) }
    }

    private static func parse(_ unread: inout [UInt8], _ headOnly: Bool) throws -> Answer? {
        let text = String(decoding: unread, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        guard let words = lines.first?.split(separator: " "), words.count > 1, let status = Int(words[1]) else {
            throw Failure.notHTTP(String(text.prefix(60)))
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw Failure.notHTTP(line) }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        let headLength = text[..<end.upperBound].utf8.count
        let length = headOnly ? 0 : headers["content-length"].flatMap { Int($0) } ?? 0
        guard unread.count >= headLength + length else { return nil }
        let body = Array(unread[headLength..<headLength + length])
        unread.removeFirst(headLength + length)
        return Answer(status: status, headers: headers, body: body)
    }
}
