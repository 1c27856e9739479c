export declare function claimCargo(path: string): string | undefined
