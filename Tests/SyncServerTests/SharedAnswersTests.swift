import NIOCore
import SyncCore
import Testing

@testable import SyncServer

/// Answers that many get alike are those that each would have got alone.
@Suite struct SharedAnswersTests {
    private func tag(_ offered: UInt8, user: Seq = 0) -> Cursor {
        let digest = Digest(hashing: [offered])
        return Cursor(epoch: 3, held: digest, offered: digest, user: user)
    }

    @Test func `nothing new is said of each World and tag as it is`() {
        var shared = SharedAnswers()
        let tags = [nil, tag(1), tag(2), tag(1, user: 7), tag(1, user: 8)]
        // Back to an earlier one too: a loop may still hold it when another has gone on.
        for seq: Seq in [5, 5, 6, 5] {
            for tag in tags {
                let alone = AgentAnswer.notModified(seq, tag: tag)
                #expect(shared.notModified(tag, at: seq).bytes(closing: false) == alone.bytes(closing: false))
                #expect(shared.notModified(tag, at: seq).bytes(closing: true) == alone.bytes(closing: true))
            }
        }
    }

    @Test func `no more are kept than the limit`() {
        var shared = SharedAnswers()
        for number in 0...(ServerLimits.sharedAnswers + 1) {
            let digest = Digest(hashing: Array(String(number).utf8))
            _ = shared.notModified(Cursor(epoch: 1, held: digest, offered: digest), at: 1)
        }
        #expect(shared.idleCount == 2)
    }
}
