extension RedisConfiguration {
    /// How sentinels are asked for the primary.
    public struct Sentinel: Sendable, Hashable {
        /// What the sentinels call the primary: the name in their `sentinel monitor`.
        public var primary: String

        /// The ACL user of the sentinels themselves. Nil with a password means their `default` user. Default: nil.
        public var username: String?

        /// The password of that user, or of the sentinels' `requirepass`. Never logged. Default: nil.
        public var password: String?

        /// Creates settings for sentinels without a password.
        ///
        /// - Parameter primary: What the sentinels call the primary.
        public init(primary: String) {
            self.primary = primary
        }
    }
}
