/** The steps of the show's script. Their texts are content; that there are six is a rule. */

/** Number of steps; a step is a whole number from 1 to this. */
export const STEPS = 6;
