import FleetSimulator
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport
import Testing

@testable import SyncServer

/// What the agent listener agrees to speak.
@Suite struct TLSVersionTests {
    /// A version and suites that a client insists on, and whether they are spoken.
    struct Offer: Sendable, CustomTestStringConvertible {
        let version: TLSVersion
        var suites = "ALL"
        let isTaken: Bool

        var testDescription: String { "\(version) \(suites)" }
    }

    static let offers = [
        Offer(version: .tlsv1, isTaken: false), Offer(version: .tlsv11, isTaken: false),
        Offer(version: .tlsv12, isTaken: true), Offer(version: .tlsv13, isTaken: true),
        Offer(version: .tlsv12, suites: "ECDHE-ECDSA-CHACHA20-POLY1305", isTaken: true),
        // Not authenticated together with what is encrypted.
        Offer(version: .tlsv12, suites: "ECDHE-ECDSA-AES128-SHA", isTaken: false),
    ]

    @Test(arguments: offers) func `old versions and suites are not spoken`(offer: Offer) async throws {
        let folder = try TemporaryFolder()
        let certificate = try LoopbackCertificate(in: URL(fileURLWithPath: folder.path("")))
        let identity = try TLSIdentity(
            certificateFile: certificate.certificateFile.path, keyFile: certificate.keyFile.path)
        try await TestServer.with(identity: identity) { server in
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = offer.version
            configuration.maximumTLSVersion = offer.version
            configuration.cipherSuites = offer.suites
            configuration.trustRoots = .file(certificate.certificateFile.path)
            let context = try NIOSSLContext(configuration: configuration)
            #expect(await isTaken(context, server.listener.port) == offer.isTaken)
        }
    }

    /// Whether a handshake comes to its end.
    private func isTaken(_ context: NIOSSLContext, _ port: Int) async -> Bool {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: Void.self)
        let channel = try? await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        NIOSSLClientHandler(context: context, serverHostname: nil), Handshake(promise))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        guard let channel else { return false }
        let isTaken = (try? await promise.futureResult.get()) != nil
        try? await channel.close()
        return isTaken
    }
}
