import HummingbirdCore
import NIOCore
import Synchronization

/// The connections of operators: apart from those of devices, so that neither keeps the other out, and of each address no
/// more than its share.
final class OperatorPlaces: Sendable {
    enum Answer {
        case admitted
        /// It is told when to come back, and goes.
        case full
    }

    private struct State {
        var open = 0
        var byAddress: [IPAddress: Int] = [:]
    }

    private let state = Mutex(State())
    private let proxies: TrustedProxies

    init(proxies: TrustedProxies) { self.proxies = proxies }

    var count: Int { state.withLock { $0.open } }

    /// Takes a place until the connection is closed.
    func admit(_ channel: any Channel) -> Answer {
        let address = IPAddress(channel.remoteAddress)
        // Behind a proxy that is named stand many.
        let share =
            address.map { proxies.names($0) } == true
            ? ServerLimits.operatorConnections : ServerLimits.operatorConnectionsOfAddress
        let answer = state.withLock { state -> Answer in
            let own = address.map { state.byAddress[$0] ?? 0 } ?? 0
            state.open += 1
            if let address { state.byAddress[address] = own + 1 }
            return state.open <= ServerLimits.operatorConnections && own < share ? .admitted : .full
        }
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { state in
                state.open -= 1
                guard let address else { return }
                let left = (state.byAddress[address] ?? 1) - 1
                state.byAddress[address] = left > 0 ? left : nil
            }
        }
        return answer
    }
}

/// What the server accepts on the operators' port: beyond the places some more, which are told so, and then nobody.
struct OperatorAccepting: AvailableConnectionsDelegate {
    private var connections = 0

    mutating func connectionOpened() { connections += 1 }
    mutating func connectionClosed() { connections -= 1 }
    func isAcceptingNewConnections() -> Bool {
        connections < ServerLimits.operatorConnections + ServerLimits.operatorsTurnedAway
    }
}
