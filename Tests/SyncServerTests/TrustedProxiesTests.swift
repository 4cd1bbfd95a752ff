import TestSupport
import Testing

@testable import SyncServer

/// Whose word is taken for where a request comes from.
@Suite struct TrustedProxiesTests {
    @Test(arguments: [
        // trusted, peer, X-Forwarded-For, client
        ("", "10.0.0.1", ["1.2.3.4"], "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("10.0.0.0/8", "11.0.0.1", ["1.2.3.4"], "11.0.0.1"),
        // What a client writes himself stands before what the proxy adds.
        ("10.0.0.0/8", "10.0.0.1", ["9.9.9.9, 1.2.3.4"], "1.2.3.4"),
        ("10.0.0.0/8", "10.0.0.1", ["9.9.9.9", "1.2.3.4,10.3.2.1"], "1.2.3.4"),
        ("10.0.0.0/8", "10.0.0.1", ["10.9.9.9, 10.3.2.1"], "10.9.9.9"),
        ("10.0.0.0/8", "10.0.0.1", ["1.2.3.4, \u{1b}[2J, 10.3.2.1"], "10.3.2.1"),
        ("10.0.0.0/8", "10.0.0.1", ["1.2.3.4:5678"], "1.2.3.4"),
        ("10.0.0.1", "::ffff:10.0.0.1", ["[2001:db8::7]:443"], "2001:db8:0:0:0:0:0:7"),
        ("fd00::/8", "fd12::1", ["2001:db8::7"], "2001:db8:0:0:0:0:0:7"),
        ("fd00::/8,127.0.0.1", "127.0.0.1", ["fd00::9"], "fd00:0:0:0:0:0:0:9"),
        ("0.0.0.0/0", "9.9.9.9", ["1.2.3.4"], "1.2.3.4"),
        ("0.0.0.0/0", "2001:db8::1", ["1.2.3.4"], "2001:db8:0:0:0:0:0:1"),
        ("192.168.4.0/22", "192.168.7.255", ["1.2.3.4"], "1.2.3.4"),
        ("192.168.4.0/22", "192.168.8.0", ["1.2.3.4"], "192.168.8.0"),
    ])
    func `the last hop that no named proxy is`(
        trusted: String, peer: String, forwarded: [String], client: String
    ) throws {
        let ranges = try trusted.split(separator: ",").map { try #require(TrustedProxies.Range(String($0))) }
        let found = TrustedProxies(ranges).client(try #require(IPAddress(peer)), forwarded: forwarded)
        #expect(found.description == client)
    }

    @Test(arguments: [
        "", "10", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "host", "1.2.3.4:80", "10.0.0.0/8/8",
    ])
    func `what is no range of addresses is refused`(text: String) {
        #expect(TrustedProxies.Range(text) == nil)
    }
}
