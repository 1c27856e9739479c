export declare function claimNimble(path: string): string | undefined
