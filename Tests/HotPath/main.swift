// Asks the agent's pipeline over a channel without a kernel, so many times as each argument says: `full=1200 delta=200`.
//
// Run under an instrument that counts instructions: two runs that differ in one count tell what one such request costs.
// No clock, no socket, no other thread has a part in it, so that the figure is the same on a busy machine.

import Dispatch
import NIOCore
import NIOEmbedded
import SyncServer
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Sets up before anything is counted. The main thread waits here rather than serve a main queue: an instrument that
/// runs the program itself follows threads, not a parked one.
func site() throws -> Site {
    let opened = Mutex<Result<Site, any Error>?>(nil)
    let semaphore = DispatchSemaphore(value: 0)
    Task.detached {
        let result: Result<Site, any Error>
        do { result = .success(try await Site.open(devices: 16)) } catch { result = .failure(error) }
        opened.withLock { $0 = result }
        semaphore.signal()
    }
    semaphore.wait()
    guard let result = opened.withLock({ $0 }) else { throw Site.Failure(what: "nothing was set up") }
    return try result.get()
}

func ask(_ question: Question, _ count: Int, at site: Site) throws {
    let loop = EmbeddedEventLoop()
    let settings = AgentSettings(threads: 1, maximumConnections: 1_000)
    let pipeline = AgentPipeline(
        engine: site.engine, logger: Site.logger, settings: settings, loop: loop, now: { Site.time })
    let channel = EmbeddedChannel(loop: loop)
    try pipeline.serve(channel)
    channel.pipeline.fireChannelActive()
    let requests = site.credentials.prefix(question.devices).map { question.request($0, at: site) }
    for number in 0..<count {
        try channel.writeInbound(requests[number % requests.count])
        guard let answer = try channel.readOutbound(as: ByteBuffer.self) else {
            throw Site.Failure(what: "\(question.rawValue) was not answered at once")
        }
        if number == 0 {
            let text = String(buffer: answer)
            guard text.hasPrefix(question.status) else {
                throw Site.Failure(what: "\(question.rawValue) was answered by \(text.prefix(200))")
            }
            print("\(question.rawValue): \(answer.readableBytes) bytes")
        }
    }
}

let opened = try site()
for argument in CommandLine.arguments.dropFirst() {
    let parts = argument.split(separator: "=")
    guard parts.count == 2, let question = Question(rawValue: String(parts[0])), let count = Int(parts[1]) else {
        let known = Question.allCases.map(\.rawValue).joined(separator: ", ")
        print("found \(argument), expected QUESTION=COUNT, of which the questions are \(known)")
        exit(64)
    }
    try ask(question, count, at: opened)
}
