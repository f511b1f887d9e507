/* Where things stand on a drawn map: pure arithmetic, so that it can be tested without a store. */
#ifndef MUSUBI_WEB_MAP_H
#define MUSUBI_WEB_MAP_H

#include <stdbool.h>
#include <stddef.h>

#define MAP_WIDTH 640.0 /* of the drawing, in its own units; the height follows from what is shown */

/* Degrees to units: equirectangular, true to scale at the middle latitude; north is up. */
struct map_frame {
    double west, north; /* the upper left corner */
    double x_scale, y_scale;
    double height;
};
struct map_frame map_frame_of(double west, double south, double east, double north);
double map_x(const struct map_frame *frame, double lon);
double map_y(const struct map_frame *frame, double lat);

struct map_marker {
    double at_x, at_y; /* the place itself */
    double x, y;       /* where the marker is drawn: as near as its neighbours leave room */
    double radius;
    double label_width; /* in: estimated; 0: none wanted */
    double label_x;     /* out: left end of the label's text */
    double label_y;     /* out: its middle */
    bool label_ends; /* out: the text ends at label_x + label_width, however wide it is: it stands left of its marker */
    bool has_label;  /* out: whether there is room for it */
};

/* Pushes markers apart until none covers another, then gives labels a place to the right or left of it, above or below, where nothing is. The same
 * input gives the same output; order matters: earlier labels choose first. */
void map_arrange(struct map_marker *markers, size_t count, double height);

#endif
