/** Headers with which a caller of `POST /api/demo/allocate` may say more of its order. In a file of their own: phones send one. */

/** Set to `1`: no person made the call. */
export const SIMULATED_HEADER = 'x-simulated';
/** The epoch in which its button stood: after a reset the order is refused, not carried out in the next epoch. */
export const EPOCH_HEADER = 'x-epoch';
