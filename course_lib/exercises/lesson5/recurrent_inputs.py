"""Inputs that the exercises on recurrent steps share."""

SIZES = [(2, 4, 3), (3, 2, 5), (1, 5, 2), (4, 3, 1)]      # B, D, H: all different


def draw_step(rng, size, *, gates, states, biases=1):
    """Draw x, states, Wx, Wh and biases; large enough that no gate is nearly linear."""
    B, D, H = size
    draw = rng.standard_normal
    return (draw((B, D)), *(draw((B, H)) for _ in range(states)), draw((D, gates * H)),
            draw((H, gates * H)), *(draw(gates * H) for _ in range(biases)))
