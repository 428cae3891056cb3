extension RedisConfiguration {
    /// TLS for a connection. The server's certificate and its host name are verified unless told otherwise.
    public struct TLS: Sendable, Hashable {
        /// How far the server's certificate is checked.
        public enum Verification: Sendable, Hashable {
            /// The chain must be right, and the certificate must carry the host name or the very address connected to. The default.
            case full
            /// The chain must be right; whose name it carries is not looked at.
            case withoutHostName
            /// Nothing is checked: every machine on the path can read and change everything.
            case none
        }

        /// How far the server's certificate is checked. Default: ``Verification/full``.
        public var verification: Verification = .full

        /// A PEM file of the authorities to trust instead of the system's. Default: nil, the system's.
        public var certificateAuthorityFile: String?

        /// A PEM file with the client's certificate chain, for servers that ask for one. Default: nil.
        public var clientCertificateFile: String?

        /// A PEM file with the key of the client's certificate. Default: nil.
        public var clientKeyFile: String?

        /// The name the certificate must carry, when it is not the host of the address. Default: nil.
        public var serverName: String?

        /// Creates TLS settings with full verification against the system's authorities.
        public init() {}
    }
}
